/**
 * Settles which PEM files a connection uses.
 *
 * Source: OTLP exporter specification, certificate and client key variables.
 * Layer: config.
 */
import type { TlsFiles } from './config.ts';
import type { Reader } from './reader.ts';
import { OTLP, type OtlpVariables } from './variables/otlp.ts';

/** Files of a signal, each falling back on the one of all signals. */
export function resolveTls(reader: Reader, variables: OtlpVariables): TlsFiles {
  const pick = (key: 'certificate' | 'clientCertificate' | 'clientKey'): string | undefined =>
    reader.given(variables[key]) ?? reader.given(OTLP.general[key]);
  const caFile = pick('certificate');
  const certFile = pick('clientCertificate');
  const keyFile = pick('clientKey');
  if ((certFile === undefined) !== (keyFile === undefined)) {
    const missing = certFile === undefined ? 'CLIENT_CERTIFICATE' : 'CLIENT_KEY';
    reader.report({
      severity: 'notice',
      code: 'DUOTEL_CONFIG_CREDENTIAL',
      message: `A client certificate takes two files; OTEL_EXPORTER_OTLP_${missing} is missing, so none is sent. Set it.`,
    });
    return caFile === undefined ? {} : { caFile };
  }
  return {
    ...(caFile !== undefined && { caFile }),
    ...(certFile !== undefined && { certFile }),
    ...(keyFile !== undefined && { keyFile }),
  };
}

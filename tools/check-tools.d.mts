export const TSGOLINT: string;
export function checkTool(name: string): string;

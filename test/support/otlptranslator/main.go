// Prints the goldens of test/support/goldens/otlptranslator.json: what Prometheus' own translator makes of instrument
// names, units and attribute keys. Run by hand when the pinned module moves:
//
//	cd test/support/otlptranslator && go run . > ../goldens/otlptranslator.json
package main

import (
	"encoding/json"
	"fmt"

	"github.com/prometheus/otlptranslator"
)

var kinds = []struct {
	name string
	kind otlptranslator.MetricType
}{
	{"counter", otlptranslator.MetricTypeMonotonicCounter},
	{"updown", otlptranslator.MetricTypeNonMonotonicCounter},
	{"gauge", otlptranslator.MetricTypeGauge},
	{"histogram", otlptranslator.MetricTypeHistogram},
}

var units = []string{
	"", "1", "%", "s", "ms", "us", "ns", "min", "h", "d", "By", "KiBy", "MiBy", "GiBy", "TiBy", "KBy", "MBy", "GBy", "TBy",
	"m", "V", "A", "J", "W", "g", "Cel", "Hz", "USD", "{USD}", "{request}", "{request}/s", "requests/s", "By/s", "By/m",
	"1/s", "/s", "s/", "m/h", "By/{packet}", "kWh", "°F", "µs", " s ", "By / s", "foo_/s", "a/b/c", "_", "__x__", "per_s",
	"constructor", "%/1", "{a}s",
}

var names = []string{
	"http.server.request.duration", "questions.generated", "questions.generated.total", "total", "total.requests",
	"a.total.b", "queue.size", "cache.hit.ratio", "ratio", "cache_hit_ratio_x", "stage.latency", "stage.latency_seconds",
	"seconds", "seconds.in.state", "bytes", "By", "naïve.compteur", "2xx.responses", "1", "_private", "__name__",
	"a..b__c--d", "trailing_", "trailing.", "a:b", "::", "UPPER.Case", "with space", "jvm/gc", "per.second", "rate_per_second",
	"metric.日本", "日本", "...", "_", "", "percent.used", "x.celsius", "request.duration.milliseconds",
}

var keys = []string{
	"a", "a.b", "a_b", "a..b", "a__b", "1x", "9", "_x", "__x", "__x__", "__name__", "le", "http.request.method", "naïve", "日本",
	"_", "__", "___", "____", ".", "x.", ".x", "A-B", "with space", "key_1x", "a:b", "", "☃1", "1☃",
}

// The names under the default strategy, and under the others.
type metric struct {
	Name     string   `json:"name"`
	Unit     string   `json:"unit"`
	Kind     string   `json:"kind"`
	Expected string   `json:"expected"`
	Others   []string `json:"others"`
}

var others = []otlptranslator.TranslationStrategyOption{
	otlptranslator.UnderscoreEscapingWithoutSuffixes,
	otlptranslator.NoUTF8EscapingWithSuffixes,
	otlptranslator.NoTranslation,
}

type label struct {
	Key      string `json:"key"`
	Expected string `json:"expected"`
}

func main() {
	metrics := []metric{}
	// An error means that the metric is dropped; it is written down as an empty name.
	build := func(strategy otlptranslator.TranslationStrategyOption, m otlptranslator.Metric) string {
		namer := otlptranslator.NewMetricNamer("", strategy)
		built, err := namer.Build(m)
		if err != nil {
			return ""
		}
		return built
	}
	seen := map[string]bool{}
	add := func(name, unit string) {
		for _, k := range kinds {
			given := otlptranslator.Metric{Name: name, Unit: unit, Type: k.kind}
			m := metric{name, unit, k.name, build(otlptranslator.UnderscoreEscapingWithSuffixes, given), nil}
			for _, strategy := range others {
				m.Others = append(m.Others, build(strategy, given))
			}
			id := fmt.Sprintf("%q %q %s", name, unit, k.name)
			if !seen[id] {
				seen[id] = true
				metrics = append(metrics, m)
			}
		}
	}
	for _, unit := range units {
		add("thing.done", unit)
		add("thing.seconds", unit)
	}
	for _, name := range names {
		for _, unit := range []string{"", "1", "s", "By/s"} {
			add(name, unit)
		}
	}
	labels := []label{}
	labelNamer := otlptranslator.LabelNamer{}
	for _, key := range keys {
		built, err := labelNamer.Build(key)
		if err != nil {
			built = ""
		}
		labels = append(labels, label{key, built})
	}

	fmt.Println("{\"module\": \"github.com/prometheus/otlptranslator v1.0.0\",")
	list, _ := json.Marshal(others)
	fmt.Printf("\"otherStrategies\": %s,\n", list)
	printList("metrics", metrics)
	fmt.Println(",")
	printList("labels", labels)
	fmt.Println("}")
}

// printList writes one item per line, so that a change of the goldens can be read.
func printList[T any](name string, items []T) {
	fmt.Printf("\"%s\": [\n", name)
	for i, item := range items {
		line, err := json.Marshal(item)
		if err != nil {
			panic(err)
		}
		if i < len(items)-1 {
			fmt.Println(string(line) + ",")
		} else {
			fmt.Print(string(line))
		}
	}
	fmt.Print("]")
}

// Command records makes texts that are JSON, or nearly, and says what Go's encoding/json makes of each: the record as
// it is written afterwards, and the error. test_go.py asks our parser the same.
//
//	records SEED COUNT
//
// For each text: three lines, of which the first is the text in hexadecimal, the second the record, the third the error
// (nothing when there is none).
package main

import (
	"bufio"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"strings"
)

type Point struct {
	A int8    `json:"a"`
	K *string `json:"k"`
}

// Thing has the members of replay_go.c.
type Thing struct {
	B bool     `json:"b"`
	C int8     `json:"c"`
	E int16    `json:"e"`
	I int32    `json:"i"`
	J int64    `json:"j"`
	G uint8    `json:"g"`
	H uint16   `json:"h"`
	V uint32   `json:"v"`
	U uint64   `json:"u"`
	F float32  `json:"f"`
	D float64  `json:"d"`
	S string   `json:"s"`
	X []byte   `json:"x"`
	O *int16   `json:"o"`
	R *string  `json:"r"`
	T *float64 `json:"t"`
	P Point    `json:"p"`
	Q *Point   `json:"q"`
	L []Point  `json:"l"`
	M [][]int8 `json:"m"`
	N []string `json:"n"`
	W []*Point `json:"w"`
}

// Where Go has nil, we have nothing inside.
func (t *Thing) fill() {
	if t.X == nil {
		t.X = []byte{}
	}
	if t.L == nil {
		t.L = []Point{}
	}
	if t.N == nil {
		t.N = []string{}
	}
	if t.M == nil {
		t.M = [][]int8{}
	}
	if t.W == nil {
		t.W = []*Point{}
	}
	for i := range t.M {
		if t.M[i] == nil {
			t.M[i] = []int8{}
		}
	}
}

type maker struct {
	*rand.Rand
	strings.Builder
}

func (m *maker) pick(of ...string) string { return of[m.IntN(len(of))] }

func (m *maker) put(of ...string) { m.WriteString(m.pick(of...)) }

func (m *maker) space() {
	if m.IntN(8) == 0 {
		m.put(" ", "\t", "\n", "\r", "  ")
	}
}

func (m *maker) number() {
	switch m.IntN(5) {
	case 0:
		m.put("0", "-0", "1", "127", "128", "-128", "-129", "255", "256", "32767", "32768", "65535", "65536")
	case 1:
		m.put("2147483647", "2147483648", "-2147483648", "-2147483649", "4294967295", "4294967296",
			"9223372036854775807", "9223372036854775808", "-9223372036854775808", "-9223372036854775809",
			"18446744073709551615", "18446744073709551616")
	case 2:
		m.put("3.4028235e38", "3.4028236e38", "-3.5e38", "1e39", "1e-46", "1e-45", "1.4e-45", "7e-46", "16777217",
			"1e308", "1.8e308", "-1e309", "5e-324", "2e-324", "1e-400", "1E+2", "0e999999999999", "1e999999999999",
			"0.1", "0.30000000000000004", "123456789012345678901234567890", "1e21", "1e20", "9.999999e20")
	case 3:
		m.WriteString(strconv.FormatInt(m.Int64()>>m.IntN(63), 10))
	default:
		m.WriteString(strconv.FormatFloat(m.NormFloat64()*float64(m.IntN(1000)), 'g', -1, 64))
	}
}

func (m *maker) text() {
	m.WriteByte('"')
	for range m.IntN(4) {
		m.put("a", "x y", "\\n", "\\u0041", "\\u00e9", "\u00e9", "\\ud83d\\ude00", "\\ud800", "\\udc00", "\\ud800\\ud800",
			"\\ud800\\u0041", "\xff", "\xc3", "\xed\xa0\x80", "\u2028", "<", "&", "\\/", "\\\\", "\\\"", "\\u0000",
			"\u007f", "QUJD", "QQ==", "QUI=", "A", "=", "\U0001f600", "\\b\\f\\r\\t", "\xf4\x90\x80\x80", "\xc0\x80")
	}
	m.WriteByte('"')
}

func (m *maker) items(open, end string, item func()) {
	m.WriteString(open)
	m.space()
	for i := range m.IntN(4) {
		if i > 0 {
			m.WriteByte(',')
			m.space()
		}
		item()
		m.space()
	}
	m.WriteString(end)
}

func (m *maker) any(depth int) {
	switch k := m.IntN(7); {
	case k == 0:
		m.put("true", "false")
	case k == 1:
		m.WriteString("null")
	case k == 2:
		m.text()
	case k == 3 && depth < 4:
		m.items("[", "]", func() { m.any(depth + 1) })
	case k == 4 && depth < 4:
		m.object(depth + 1)
	default:
		m.number()
	}
}

func (m *maker) point(depth int) {
	m.items("{", "}", func() {
		m.put(`"a":`, `"A" :`, `"k": `, `"K":`, "\"\u212a\":", `"\u212a":`, `"b":`)
		m.value(m.IntN(12) == 0, func() { m.put("1", "-128", "\"x\"", "null", "127", "0", "200") }, depth)
	})
}

func (m *maker) value(wild bool, tame func(), depth int) {
	if wild {
		m.any(depth)
	} else {
		tame()
	}
}

func (m *maker) member(depth int) {
	names := "bceijghvufdsxortpqlmnwz"
	name := names[m.IntN(len(names))]
	shown := string(name)
	switch m.IntN(8) {
	case 0:
		shown = strings.ToUpper(shown)
	case 1:
		shown = fmt.Sprintf("\\u%04x", name)
	case 2:
		if name == 's' {
			shown = "\u017f"
		}
	}
	m.WriteString(`"` + shown + `"`)
	m.space()
	m.WriteByte(':')
	m.space()
	tame := func() {
		if m.IntN(3) == 0 {
			m.number()
		} else {
			m.WriteString(strconv.Itoa(m.IntN(128)))
		}
	}
	switch name {
	case 'b':
		tame = func() { m.put("true", "false") }
	case 's', 'r', 'x':
		tame = m.text
	case 'p', 'q':
		tame = func() { m.point(depth) }
	case 'l', 'w':
		tame = func() {
			m.items("[", "]", func() { m.value(m.IntN(12) == 0, func() { m.point(depth) }, depth) })
		}
	case 'm':
		tame = func() {
			m.items("[", "]", func() {
				m.value(m.IntN(12) == 0, func() { m.items("[", "]", func() { m.put("0", "-128", "127", "128", "5", "1.5", "7", "-7", "13") }) }, depth)
			})
		}
	case 'n':
		tame = func() { m.items("[", "]", func() { m.value(m.IntN(12) == 0, m.text, depth) }) }
	case 'o':
		tame = func() { m.put("null", "5", "-32768", "32768") }
	case 'z':
		tame = func() { m.any(depth) }
	}
	m.value(m.IntN(16) == 0, tame, depth)
}

func (m *maker) object(depth int) {
	m.items("{", "}", func() { m.member(depth) })
}

func (m *maker) damage(text string) string {
	b := []byte(text)
	for range 1 + m.IntN(2) {
		if len(b) == 0 {
			break
		}
		at := m.IntN(len(b))
		odd := m.pick(",", "}", "]", "{", "[", "\"", "\\", "0", "-", ".", "e", "n", "t", " ", "\x00", "\xff", "\u00e9",
			"\x7f", "\n", "'", "+", "u", "/", ":")
		switch m.IntN(4) {
		case 0:
			b = b[:at]
		case 1:
			b = append(b[:at], b[at+1:]...)
		case 2:
			b = append(b[:at:at], append([]byte(odd), b[at:]...)...)
		default:
			b = append(b[:at:at], append([]byte(odd), b[at+1:]...)...)
		}
	}
	return string(b)
}

func (m *maker) make() string {
	m.Reset()
	m.space()
	switch m.IntN(12) {
	case 0:
		m.any(0)
	default:
		m.WriteByte('{')
		for i := range m.IntN(8) {
			if i > 0 {
				m.WriteByte(',')
				m.space()
			}
			m.member(0)
			m.space()
		}
		m.WriteByte('}')
	}
	m.space()
	if m.IntN(3) == 0 {
		return m.damage(m.String())
	}
	return m.String()
}

// Whether the text is about one of the three things that we do otherwise, see docs/record.md: a list that comes twice
// keeps nothing of the first here; bytes are no array of numbers; bad base64 is told with the member's name.
func differs(text string) bool {
	decoder := json.NewDecoder(strings.NewReader(text))
	if token, err := decoder.Token(); err != nil || token != json.Delim('{') {
		return false
	}
	seen := map[string]bool{}
	for decoder.More() {
		token, err := decoder.Token()
		if err != nil {
			return false
		}
		name := strings.ToLower(token.(string))
		var value json.RawMessage
		if err := decoder.Decode(&value); err != nil {
			return false
		}
		if name == "x" {
			var bytes []byte
			var chars string
			_ = json.Unmarshal(value, &chars)
			if value[0] == '[' || value[0] == '"' && json.Unmarshal(value, &bytes) != nil || strings.ContainsAny(chars, "\r\n") {
				return true
			}
		}
		if strings.Contains("lmnw", name) && seen[name] {
			return true
		}
		seen[name] = true
	}
	return false
}

func main() {
	seed, _ := strconv.ParseUint(os.Args[1], 10, 64)
	count, _ := strconv.Atoi(os.Args[2])
	m := &maker{Rand: rand.New(rand.NewPCG(seed, 1))}
	out := bufio.NewWriter(os.Stdout)
	defer out.Flush()
	for range count {
		text := m.make()
		for differs(text) {
			text = m.make()
		}
		var thing Thing
		err := json.Unmarshal([]byte(text), &thing)
		thing.fill()
		written, _ := json.Marshal(&thing)
		said := ""
		if err != nil {
			said = err.Error()
		}
		fmt.Fprintf(out, "%s\n%s\n%s\n", hex.EncodeToString([]byte(text)), written, said)
	}
}

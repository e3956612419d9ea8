// The matrix' two questions, one JSON line each on standard input, answered by one on standard output.
//
//	{"do": "read", "file": F, "like": L}   are the columns T__E of F equal to the columns T of L, levels and values?
//	{"do": "write", "from": L, "file": F, "codec": C, "pages": V, "columns": [[T, E], ...]}   writes F from L's columns
//
// Both answer with an object: what is wrong with a column by its name, or "" when nothing is. "*" stands for the file.
package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/compress"
	"github.com/parquet-go/parquet-go/encoding"
)

var encodings = map[string]encoding.Encoding{
	"AUTO": &parquet.RLEDictionary, "PLAIN": &parquet.Plain, "RLE": &parquet.RLE,
	"DELTA_BINARY_PACKED": &parquet.DeltaBinaryPacked, "DELTA_LENGTH_BYTE_ARRAY": &parquet.DeltaLengthByteArray,
	"DELTA_BYTE_ARRAY": &parquet.DeltaByteArray, "BYTE_STREAM_SPLIT": &parquet.ByteStreamSplit,
}

var codecs = map[string]compress.Codec{
	"none": &parquet.Uncompressed, "snappy": &parquet.Snappy, "gzip": &parquet.Gzip, "zstd": &parquet.Zstd,
	"brotli": &parquet.Brotli, "lz4": &parquet.Lz4Raw,
}

type question struct {
	Do, File, Like, From, Codec string
	Pages                       int
	Columns                     [][2]string
}

func matrix() error {
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(nil, 1<<20)
	answers := json.NewEncoder(os.Stdout)
	for lines.Scan() {
		var q question
		if err := json.Unmarshal(lines.Bytes(), &q); err != nil {
			return err
		}
		answer := map[string]string{}
		if message := guarded(func() error { return q.answer(answer) }); message != "" {
			answer["*"] = message
		}
		if err := answers.Encode(answer); err != nil {
			return err
		}
	}
	return lines.Err()
}

func (q *question) answer(out map[string]string) error {
	if q.Do == "write" {
		return writeLike(q, out)
	}
	return readLike(q, out)
}

// guarded runs what may panic and says what went wrong.
func guarded(run func() error) (message string) {
	defer func() {
		if r := recover(); r != nil {
			message = fmt.Sprint("panic: ", r)
		}
	}()
	if err := run(); err != nil {
		return err.Error()
	}
	return ""
}

func open(path string) (*os.File, *parquet.File, error) {
	in, err := os.Open(path)
	if err != nil {
		return nil, nil, err
	}
	size, err := in.Stat()
	if err != nil {
		return nil, nil, err
	}
	file, err := parquet.OpenFile(in, size.Size())
	return in, file, err
}

// values reads one column of all row groups, page by page.
func values(file *parquet.File, column int) (all []parquet.Value, err error) {
	buffer := make([]parquet.Value, 100)
	for _, group := range file.RowGroups() {
		pages := group.ColumnChunks()[column].Pages()
		for {
			page, err := pages.ReadPage()
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				return nil, err
			}
			reader := page.Values()
			for {
				n, err := reader.ReadValues(buffer)
				for _, value := range buffer[:n] {
					all = append(all, value.Clone())
				}
				if errors.Is(err, io.EOF) {
					break
				}
				if err != nil {
					return nil, err
				}
			}
			parquet.Release(page)
		}
		if err := pages.Close(); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// models keeps what the files to compare with hold, by path and column.
var models = map[string]map[string][]parquet.Value{}

func model(path string) (map[string][]parquet.Value, error) {
	if columns, ok := models[path]; ok {
		return columns, nil
	}
	in, file, err := open(path)
	if err != nil {
		return nil, err
	}
	defer in.Close()
	columns := map[string][]parquet.Value{}
	for i, path := range file.Schema().Columns() {
		if columns[strings.Join(path, ".")], err = values(file, i); err != nil {
			return nil, err
		}
	}
	models[path] = columns
	return columns, nil
}

func readLike(q *question, out map[string]string) error {
	want, err := model(q.Like)
	if err != nil {
		return err
	}
	in, file, err := open(q.File)
	if err != nil {
		return err
	}
	defer in.Close()
	for i, path := range file.Schema().Columns() {
		name := path[0]
		kind, _, _ := strings.Cut(name, "__")
		message := guarded(func() error {
			got, err := values(file, i)
			if err != nil {
				return err
			}
			return compare(want[strings.Join(append([]string{kind}, path[1:]...), ".")], got)
		})
		if out[name] == "" {
			out[name] = message
		}
	}
	return nil
}

func compare(want, got []parquet.Value) error {
	if len(want) != len(got) {
		return fmt.Errorf("%d values instead of %d", len(got), len(want))
	}
	for i, a := range want {
		b := got[i]
		if a.RepetitionLevel() != b.RepetitionLevel() || a.DefinitionLevel() != b.DefinitionLevel() ||
			a.Kind() != b.Kind() || !bytes.Equal(a.Bytes(), b.Bytes()) {
			return fmt.Errorf("value %d is %+v instead of %+v", i, b, a)
		}
	}
	return nil
}

// node is a node of another file's schema whose leaves have the encoding given, and the writer's codec.
type node struct {
	parquet.Node
	encoding encoding.Encoding
}

type field struct {
	parquet.Field
	encoding encoding.Encoding
}

func (n node) Encoding() encoding.Encoding  { return n.encoding }
func (f field) Encoding() encoding.Encoding { return f.encoding }
func (n node) Compression() compress.Codec  { return nil }
func (f field) Compression() compress.Codec { return nil }
func (n node) Fields() []parquet.Field      { return encoded(n.Node, n.encoding) }
func (f field) Fields() []parquet.Field     { return encoded(f.Field, f.encoding) }

func encoded(of parquet.Node, with encoding.Encoding) (fields []parquet.Field) {
	for _, each := range of.Fields() {
		its := with
		if each.Name() == "key" { // of a map: the matrix is about its values
			its = nil
		}
		fields = append(fields, field{each, its})
	}
	return fields
}

func writeLike(q *question, out map[string]string) error {
	in, from, err := open(q.From)
	if err != nil {
		return err
	}
	defer in.Close()
	fields := map[string]parquet.Node{}
	for _, each := range from.Schema().Fields() {
		fields[each.Name()] = each
	}
	group := parquet.Group{}
	for _, column := range q.Columns {
		group[column[0]+"__"+column[1]] = node{fields[column[0]], encodings[column[1]]}
		out[column[0]+"__"+column[1]] = ""
	}
	schema := parquet.NewSchema("matrix", group)
	sources := map[string]int{}
	for i, path := range from.Schema().Columns() {
		sources[strings.Join(path, ".")] = i
	}
	var order []int // for each column to write the one it comes from
	for _, path := range schema.Columns() {
		kind, _, _ := strings.Cut(path[0], "__")
		order = append(order, sources[strings.Join(append([]string{kind}, path[1:]...), ".")])
	}

	to, err := os.Create(q.File)
	if err != nil {
		return err
	}
	defer to.Close()
	writer := parquet.NewWriter(to, schema, parquet.Compression(codecs[q.Codec]), parquet.DataPageVersion(q.Pages),
		parquet.MaxRowsPerRowGroup(250), parquet.PageBufferSize(600))
	reader := parquet.NewReader(from)
	rows := make([]parquet.Row, 10)
	columns := make([][]parquet.Value, len(sources))
	for {
		n, err := reader.ReadRows(rows)
		for _, row := range rows[:n] {
			row.Range(func(at int, values []parquet.Value) bool {
				columns[at] = values
				return true
			})
			var wide parquet.Row
			for i, source := range order {
				for _, value := range columns[source] {
					wide = append(wide, value.Level(value.RepetitionLevel(), value.DefinitionLevel(), i))
				}
			}
			if _, err := writer.WriteRows([]parquet.Row{wide}); err != nil {
				return err
			}
		}
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return err
		}
	}
	if err := reader.Close(); err != nil {
		return err
	}
	return writer.Close()
}

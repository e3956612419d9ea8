// parquet_go reads a Parquet file to JSON lines, or writes one from them, with github.com/parquet-go/parquet-go.
// copy takes rows of any schema from one file to another, dump prints their values (dump.go), matrix answers questions
// by lines on standard input (matrix.go).
// usage: parquet_go read FILE    parquet_go write FILE CODEC <LINES    parquet_go copy FROM TO    parquet_go dump FILE
//
//	parquet_go matrix
package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/compress"
)

// Row has a field of each type, required and optional by turns, as go_table of test_parquet.py.
type Row struct {
	Flag bool     `parquet:"flag" json:"flag"`
	I8   *int8    `parquet:"i8,optional" json:"i8"`
	I16  int16    `parquet:"i16" json:"i16"`
	I32  *int32   `parquet:"i32,optional" json:"i32"`
	I64  int64    `parquet:"i64" json:"i64"`
	U8   *uint8   `parquet:"u8,optional" json:"u8"`
	U16  uint16   `parquet:"u16" json:"u16"`
	U32  *uint32  `parquet:"u32,optional" json:"u32"`
	U64  uint64   `parquet:"u64" json:"u64"`
	F32  *float32 `parquet:"f32,optional" json:"f32"`
	F64  float64  `parquet:"f64" json:"f64"`
	Text *string  `parquet:"text,optional" json:"text"`
	Few  string   `parquet:"few,dict" json:"few"`
	Day  *int32   `parquet:"day,optional,date" json:"day"`
	AtMs int64    `parquet:"at_ms_UTC,timestamp(millisecond)" json:"at_ms_UTC"`
	AtUs *int64   `parquet:"at_us_UTC,optional,timestamp(microsecond)" json:"at_us_UTC"`
	AtNs int64    `parquet:"at_ns_UTC,timestamp(nanosecond)" json:"at_ns_UTC"`
}

var codecs = map[string]compress.Codec{"none": &parquet.Uncompressed, "snappy": &parquet.Snappy, "gzip": &parquet.Gzip, "zstd": &parquet.Zstd, "brotli": &parquet.Brotli, "lz4": &parquet.Lz4Raw}

func read(path string) error {
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer file.Close()
	reader := parquet.NewGenericReader[Row](file)
	out := bufio.NewWriter(os.Stdout)
	lines := json.NewEncoder(out)
	rows := make([]Row, 100)
	for {
		n, err := reader.Read(rows)
		for i := range rows[:n] {
			if err := lines.Encode(&rows[i]); err != nil {
				return err
			}
			rows[i] = Row{}
		}
		if errors.Is(err, io.EOF) {
			return out.Flush()
		}
		if err != nil {
			return err
		}
	}
}

func write(path, codec string) error {
	file, err := os.Create(path)
	if err != nil {
		return err
	}
	writer := parquet.NewGenericWriter[Row](file, parquet.Compression(codecs[codec]), parquet.MaxRowsPerRowGroup(700), parquet.DataPageVersion(1))
	lines := json.NewDecoder(os.Stdin)
	for {
		var row Row
		err := lines.Decode(&row)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return err
		}
		if _, err := writer.Write([]Row{row}); err != nil {
			return err
		}
	}
	if err := writer.Close(); err != nil {
		return err
	}
	return file.Close()
}

func copyRows(from, to string) error {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	size, err := in.Stat()
	if err != nil {
		return err
	}
	file, err := parquet.OpenFile(in, size.Size())
	if err != nil {
		return err
	}
	out, err := os.Create(to)
	if err != nil {
		return err
	}
	reader := parquet.NewReader(file)
	writer := parquet.NewWriter(out, file.Schema(), parquet.MaxRowsPerRowGroup(15), parquet.PageBufferSize(300))
	rows := make([]parquet.Row, 10)
	for {
		n, err := reader.ReadRows(rows)
		if n > 0 {
			if _, err := writer.WriteRows(rows[:n]); err != nil {
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
	if err := writer.Close(); err != nil {
		return err
	}
	return out.Close()
}

func main() {
	var err error
	switch {
	case len(os.Args) == 3 && os.Args[1] == "read":
		err = read(os.Args[2])
	case len(os.Args) == 4 && os.Args[1] == "write":
		err = write(os.Args[2], os.Args[3])
	case len(os.Args) == 3 && os.Args[1] == "dump":
		err = dump(os.Args[2])
	case len(os.Args) == 4 && os.Args[1] == "copy":
		err = copyRows(os.Args[2], os.Args[3])
	case len(os.Args) == 2 && os.Args[1] == "matrix":
		err = matrix()
	default:
		err = errors.New("usage: parquet_go read FILE | write FILE CODEC | copy FROM TO | dump FILE | matrix")
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

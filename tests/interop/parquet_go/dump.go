package main

import (
	"bufio"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"os"

	"github.com/parquet-go/parquet-go"
)

// stored is a value as its file holds it: floats by their bits, so that none is lost in JSON.
func stored(value parquet.Value) any {
	if value.IsNull() {
		return nil
	}
	switch value.Kind() {
	case parquet.Boolean:
		return value.Boolean()
	case parquet.Int32:
		return value.Int32()
	case parquet.Int64:
		return value.Int64()
	case parquet.Int96:
		var bytes [12]byte
		for i, word := range value.Int96() {
			binary.LittleEndian.PutUint32(bytes[4*i:], word)
		}
		return hex.EncodeToString(bytes[:])
	case parquet.Float:
		return math.Float32bits(value.Float())
	case parquet.Double:
		return math.Float64bits(value.Double())
	default:
		return hex.EncodeToString(value.ByteArray())
	}
}

// dump prints, for each column of a file of any schema, a line of JSON: its entries in file order, null where a value is
// not there, as they are stored; bytes in hexadecimal digits.
func dump(path string) (err error) {
	defer func() {
		if panicked := recover(); panicked != nil {
			err = fmt.Errorf("panic: %v", panicked)
		}
	}()
	in, err := os.Open(path)
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
	columns := make([][]any, len(file.Schema().Columns()))
	for i := range columns {
		columns[i] = []any{}
	}
	rows := make([]parquet.Row, 100)
	for _, group := range file.RowGroups() {
		reader := group.Rows()
		for {
			n, err := reader.ReadRows(rows)
			for _, row := range rows[:n] {
				for _, value := range row {
					columns[value.Column()] = append(columns[value.Column()], stored(value))
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
	}
	out := bufio.NewWriter(os.Stdout)
	lines := json.NewEncoder(out)
	for _, column := range columns {
		if err := lines.Encode(column); err != nil {
			return err
		}
	}
	return out.Flush()
}

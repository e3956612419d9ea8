// parquet_go is github.com/parquet-go/parquet-go for the tests: copy takes rows of any schema from one file to another, dump
// prints their values (dump.go), matrix answers questions by lines on standard input (matrix.go).
// usage: parquet_go copy FROM TO | dump FILE | matrix
package main

import (
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/parquet-go/parquet-go"
)

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
	case len(os.Args) == 3 && os.Args[1] == "dump":
		err = dump(os.Args[2])
	case len(os.Args) == 4 && os.Args[1] == "copy":
		err = copyRows(os.Args[2], os.Args[3])
	case len(os.Args) == 2 && os.Args[1] == "matrix":
		err = matrix()
	default:
		err = errors.New("usage: parquet_go copy FROM TO | dump FILE | matrix")
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

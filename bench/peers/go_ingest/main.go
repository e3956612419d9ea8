// bench/peers/go_ingest - the original's ingest in Go: go-retryablehttp, pages of 50 decoded by encoding/json into one
// slice, then the whole of it to users.json by an indenting encoder and to Parquet by github.com/parquet-go/parquet-go
// (snappy, plain columns). Everything is in memory before the first byte is written, as there. For comparison with
// ingest, nothing else.
//
// usage: go_ingest -url http://127.0.0.1:PORT/users/ -json users.json -parquet users_simple.parquet
package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"log"
	"net/http"
	"os"
	"time"

	"github.com/hashicorp/go-retryablehttp"
	"github.com/parquet-go/parquet-go"
)

const pageLimit = 50

type User struct {
	ID    int32  `json:"id" parquet:"id,snappy"`
	Name  string `json:"name" parquet:"name,snappy"`
	Email string `json:"email" parquet:"email,snappy"`
	Age   int32  `json:"age" parquet:"age,snappy"`
}

func fetchPage(ctx context.Context, client *retryablehttp.Client, url string) ([]User, error) {
	request, err := retryablehttp.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return nil, err
	}
	request.Header.Set("Accept", "application/json")
	response, err := client.Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("GET %s: %s", url, response.Status)
	}
	body, err := io.ReadAll(response.Body)
	if err != nil {
		return nil, err
	}
	var page []User
	if err := json.Unmarshal(body, &page); err != nil {
		return nil, fmt.Errorf("GET %s: %w", url, err)
	}
	return page, nil
}

func fetchAll(ctx context.Context, base string) ([]User, error) {
	client := retryablehttp.NewClient()
	client.RetryMax = 5
	client.RetryWaitMin = time.Second
	client.RetryWaitMax = 30 * time.Second
	client.HTTPClient.Timeout = 15 * time.Second
	client.Logger = nil

	var users []User
	for skip := 0; ; skip += pageLimit {
		page, err := fetchPage(ctx, client, fmt.Sprintf("%s?limit=%d&skip=%d", base, pageLimit, skip))
		if err != nil {
			return nil, err
		}
		users = append(users, page...)
		if len(page) < pageLimit {
			return users, nil
		}
	}
}

func writeJSON(path string, users []User) error {
	file, err := os.Create(path)
	if err != nil {
		return err
	}
	defer file.Close()
	encoder := json.NewEncoder(file)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(users); err != nil {
		return err
	}
	return file.Close()
}

func writeParquet(path string, users []User) error {
	file, err := os.Create(path)
	if err != nil {
		return err
	}
	defer file.Close()
	writer := parquet.NewGenericWriter[User](file)
	if _, err := writer.Write(users); err != nil {
		return err
	}
	if err := writer.Close(); err != nil {
		return err
	}
	return file.Close()
}

func main() {
	url := flag.String("url", "http://127.0.0.1:8000/users/", "where the users are")
	jsonPath := flag.String("json", "users.json", "JSON output")
	parquetPath := flag.String("parquet", "users_simple.parquet", "Parquet output")
	flag.Parse()

	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
	defer cancel()
	users, err := fetchAll(ctx, *url)
	if err != nil {
		log.Fatal(err)
	}
	if err := writeJSON(*jsonPath, users); err != nil {
		log.Fatal(err)
	}
	if err := writeParquet(*parquetPath, users); err != nil {
		log.Fatal(err)
	}
}

// bench/peers/go_api - the user API as a Go service is usually written: net/http with its own routes, database/sql on
// github.com/mattn/go-sqlite3 (cgo), encoding/json, prepared statements. For comparison with userator, nothing else.
//
// SQLite is set up the way Go services are advised to: WAL, synchronous NORMAL, a busy timeout, one connection that
// writes and a pool of readers (one a core, kept open). No access log, as net/http has none by itself.
//
// Answers, status codes and the table are the original's; its validation is what such a service does: name present,
// e-mail by net/mail, age not negative, limit 1 to 100.
package main

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"log"
	"net"
	"net/http"
	"net/mail"
	"os/signal"
	"runtime"
	"strconv"
	"syscall"
	"time"

	"github.com/mattn/go-sqlite3"
)

const table = `CREATE TABLE IF NOT EXISTS users (
	id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL, email TEXT UNIQUE NOT NULL, age INTEGER DEFAULT 0)`

type User struct {
	Name  string `json:"name"`
	Email string `json:"email"`
	Age   *int64 `json:"age"`
	ID    int64  `json:"id"`
}

type NewUser struct {
	Name  *string `json:"name"`
	Email *string `json:"email"`
	Age   *int64  `json:"age"`
}

type server struct {
	byID, list, insert *sql.Stmt
}

func openServer(path string) (*server, error) {
	source := "file:" + path + "?_journal_mode=WAL&_synchronous=NORMAL&_busy_timeout=5000"
	writer, err := sql.Open("sqlite3", source+"&_txlock=immediate")
	if err != nil {
		return nil, err
	}
	writer.SetMaxOpenConns(1)
	if _, err := writer.Exec(table); err != nil {
		return nil, err
	}
	readers, err := sql.Open("sqlite3", source)
	if err != nil {
		return nil, err
	}
	readers.SetMaxOpenConns(runtime.GOMAXPROCS(0))
	readers.SetMaxIdleConns(runtime.GOMAXPROCS(0))

	s := &server{}
	if s.byID, err = readers.Prepare(`SELECT name, email, age, id FROM users WHERE id = ?`); err != nil {
		return nil, err
	}
	if s.list, err = readers.Prepare(`SELECT name, email, age, id FROM users ORDER BY id LIMIT ? OFFSET ?`); err != nil {
		return nil, err
	}
	s.insert, err = writer.Prepare(`INSERT INTO users (name, email, age) VALUES (?, ?, ?)`)
	return s, err
}

func answer(w http.ResponseWriter, status int, value any) {
	body, err := json.Marshal(value)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	w.Write(body)
}

func refuse(w http.ResponseWriter, status int, format string, args ...any) {
	answer(w, status, map[string]string{"detail": fmt.Sprintf(format, args...)})
}

func (s *server) getUser(w http.ResponseWriter, r *http.Request) {
	id, err := strconv.ParseInt(r.PathValue("id"), 10, 64)
	if err != nil {
		refuse(w, http.StatusUnprocessableEntity, "id should be a valid integer")
		return
	}
	var u User
	err = s.byID.QueryRowContext(r.Context(), id).Scan(&u.Name, &u.Email, &u.Age, &u.ID)
	if errors.Is(err, sql.ErrNoRows) {
		refuse(w, http.StatusNotFound, "User with ID %d not found", id)
		return
	}
	if err != nil {
		refuse(w, http.StatusInternalServerError, "%v", err)
		return
	}
	answer(w, http.StatusOK, u)
}

// queryInt reads one integer of the query string, within its bounds, or takes the default when it is absent.
func queryInt(r *http.Request, name string, otherwise, least, most int64) (int64, error) {
	text := r.URL.Query().Get(name)
	if text == "" {
		return otherwise, nil
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n < least || n > most {
		return 0, fmt.Errorf("%s should be an integer from %d to %d", name, least, most)
	}
	return n, nil
}

func (s *server) getUsers(w http.ResponseWriter, r *http.Request) {
	skip, err := queryInt(r, "skip", 0, 0, 1<<62)
	if err != nil {
		refuse(w, http.StatusUnprocessableEntity, "%v", err)
		return
	}
	limit, err := queryInt(r, "limit", 10, 1, 100)
	if err != nil {
		refuse(w, http.StatusUnprocessableEntity, "%v", err)
		return
	}
	rows, err := s.list.QueryContext(r.Context(), limit, skip)
	if err != nil {
		refuse(w, http.StatusInternalServerError, "%v", err)
		return
	}
	defer rows.Close()
	users := make([]User, 0, limit)
	for rows.Next() {
		var u User
		if err := rows.Scan(&u.Name, &u.Email, &u.Age, &u.ID); err != nil {
			refuse(w, http.StatusInternalServerError, "%v", err)
			return
		}
		users = append(users, u)
	}
	if err := rows.Err(); err != nil {
		refuse(w, http.StatusInternalServerError, "%v", err)
		return
	}
	answer(w, http.StatusOK, users)
}

func (s *server) addUser(w http.ResponseWriter, r *http.Request) {
	var in NewUser
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, 1<<20)).Decode(&in); err != nil {
		refuse(w, http.StatusUnprocessableEntity, "%v", err)
		return
	}
	if in.Name == nil || in.Email == nil {
		refuse(w, http.StatusUnprocessableEntity, "name and email are required")
		return
	}
	address, err := mail.ParseAddress(*in.Email)
	if err != nil {
		refuse(w, http.StatusUnprocessableEntity, "email: %v", err)
		return
	}
	u := User{Name: *in.Name, Email: address.Address, Age: in.Age}
	if u.Age == nil {
		u.Age = new(int64)
	}
	if *u.Age < 0 {
		refuse(w, http.StatusUnprocessableEntity, "age should be greater than or equal to 0")
		return
	}
	result, err := s.insert.ExecContext(r.Context(), u.Name, u.Email, u.Age)
	var fault sqlite3.Error
	if errors.As(err, &fault) && fault.ExtendedCode == sqlite3.ErrConstraintUnique {
		refuse(w, http.StatusConflict, "Email '%s' already exists.", u.Email)
		return
	}
	if err != nil {
		refuse(w, http.StatusInternalServerError, "%v", err)
		return
	}
	if u.ID, err = result.LastInsertId(); err != nil {
		refuse(w, http.StatusInternalServerError, "%v", err)
		return
	}
	answer(w, http.StatusCreated, u)
}

func health(w http.ResponseWriter, _ *http.Request) {
	answer(w, http.StatusOK, map[string]string{"status": "ok"})
}

func main() {
	listen := flag.String("listen", "127.0.0.1:8000", "address to serve")
	path := flag.String("db", "users.db", "SQLite file")
	flag.Parse()

	s, err := openServer(*path)
	if err != nil {
		log.Fatalf("%s: %v", *path, err)
	}
	routes := http.NewServeMux()
	routes.HandleFunc("GET /users/{id}", s.getUser)
	routes.HandleFunc("GET /users/{$}", s.getUsers)
	routes.HandleFunc("POST /users/{$}", s.addUser)
	routes.HandleFunc("GET /healthz", health)

	listener, err := net.Listen("tcp", *listen)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("listening on", listener.Addr())
	web := &http.Server{Handler: routes, ReadHeaderTimeout: 10 * time.Second, IdleTimeout: time.Minute}
	stop, done := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer done()
	go func() {
		<-stop.Done()
		web.Shutdown(context.Background())
	}()
	if err := web.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		log.Fatal(err)
	}
}

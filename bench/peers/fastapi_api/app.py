"""bench/peers/fastapi_api - the user API in the original's design: FastAPI, pydantic models, the standard library's
sqlite3 behind a dependency, plain (not async) routes, run by uvicorn. For comparison with userator, nothing else.

The original's fault is repaired: it made a connection in one thread of the pool and used it in another, which sqlite3
refuses, so that under load most answers were 500. Here each request still opens its own connection, as there, but
one that may cross threads (a request uses it in one thread at a time). Nothing else is changed: WAL, synchronous
NORMAL, a commit an insert.

Run as `uvicorn app:app --host 127.0.0.1 --port N --workers N --no-access-log` with uvicorn's "standard" extras
(uvloop, httptools), the fastest of its usual set-ups. USERS_DB names the file.
"""

import os
import sqlite3
from typing import Annotated, Iterator, List, Optional

from fastapi import Depends, FastAPI, HTTPException, Query, status
from pydantic import BaseModel, EmailStr, Field

DATABASE = os.environ.get("USERS_DB", "users.db")


class UserBase(BaseModel):
    name: str
    email: EmailStr
    age: Optional[Annotated[int, Field(ge=0)]] = 0


class UserCreate(UserBase):
    pass


class UserResponse(UserBase):
    id: int


def connect() -> sqlite3.Connection:
    connection = sqlite3.connect(DATABASE, check_same_thread=False)
    connection.row_factory = sqlite3.Row
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=NORMAL")
    return connection


def get_db() -> Iterator[sqlite3.Connection]:
    connection = connect()
    try:
        yield connection
    finally:
        connection.close()


def create_table() -> None:
    connection = connect()
    connection.execute(
        "CREATE TABLE IF NOT EXISTS users (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL, "
        "email TEXT UNIQUE NOT NULL, age INTEGER DEFAULT 0)"
    )
    connection.commit()
    connection.close()


create_table()
app = FastAPI()
Database = Annotated[sqlite3.Connection, Depends(get_db)]


def find_user(db: sqlite3.Connection, user_id: int) -> dict:
    row = db.execute("SELECT id, name, email, age FROM users WHERE id = ?", (user_id,)).fetchone()
    if row is None:
        raise HTTPException(status_code=404, detail=f"User with ID {user_id} not found")
    return dict(row)


@app.post("/users/", response_model=UserResponse, status_code=status.HTTP_201_CREATED)
def add_user(user: UserCreate, db: Database):
    try:
        cursor = db.execute("INSERT INTO users (name, email, age) VALUES (?, ?, ?)", (user.name, user.email, user.age))
        db.commit()
    except sqlite3.IntegrityError:
        raise HTTPException(status_code=409, detail=f"Email '{user.email}' already exists.")
    return UserResponse(id=cursor.lastrowid, **user.model_dump())


@app.get("/users/", response_model=List[UserResponse])
def get_users(
    db: Database,
    user_id: Optional[int] = None,
    skip: Annotated[int, Query(ge=0)] = 0,
    limit: Annotated[int, Query(ge=1, le=100)] = 10,
):
    if user_id is not None:
        return [find_user(db, user_id)]
    rows = db.execute("SELECT id, name, email, age FROM users LIMIT ? OFFSET ?", (limit, skip)).fetchall()
    return [dict(row) for row in rows]


@app.get("/users/{user_id}", response_model=UserResponse)
def get_user_by_id(user_id: int, db: Database):
    return find_user(db, user_id)


@app.get("/healthz")
async def health():
    return {"status": "ok"}

module records

go 1.24

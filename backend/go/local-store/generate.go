package main

//go:generate go run ./internal/protogen -proto ../../backend.proto -out internal/pb

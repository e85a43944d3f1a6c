package main

import (
	"errors"
	"testing"
	"time"
)

func TestDefaults(t *testing.T) {
	got, err := parse(nil)
	if err != nil || got != (arguments{address: "127.0.0.1:50051", grace: 5 * time.Second}) {
		t.Fatalf("%+v %v", got, err)
	}
}

func TestBothWaysToWriteAnOption(t *testing.T) {
	want := arguments{address: "unix:/run/x", grace: 0, version: true}
	for _, words := range [][]string{
		{"--addr", "unix:/run/x", "--grace-seconds", "0", "--version"},
		{"--addr=unix:/run/x", "--grace-seconds=0", "--version"},
	} {
		if got, err := parse(words); err != nil || got != want {
			t.Errorf("%v: %+v %v", words, got, err)
		}
	}
}

func TestMistakes(t *testing.T) {
	for _, words := range [][]string{
		{"--nonsense"}, {"stray"}, {"--addr"}, {"--addr", "nowhere"}, {"--addr", "host:"}, {"--addr", "unix:"},
		{"--grace-seconds", "-1"}, {"--grace-seconds", "soon"}, {"--grace-seconds", "3601"},
	} {
		if got, err := parse(words); err == nil || errors.Is(err, errHelp) {
			t.Errorf("%v: %+v %v", words, got, err)
		}
	}
	if _, err := parse([]string{"--help"}); !errors.Is(err, errHelp) {
		t.Errorf("--help: %v", err)
	}
}

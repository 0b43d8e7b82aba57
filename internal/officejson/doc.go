// Package officejson reads and writes office.json, the file in which an officer sets up an
// office. It says what is wrong like a compiler: where, what was found, what is expected, and
// everything at once. What an office must be says custody.Office.Problems; the keys of the
// file are those of the office's types. docs/office.md explains them.
package officejson

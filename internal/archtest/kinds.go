package archtest

import (
	"fmt"
	"go/ast"
	"go/token"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// Kinds of command are listed in two places: internal/custody, where each registers
// itself, and the table of a station's gestures. Whoever else needs more than one of them
// asks the registry: a list, a map or a switch of kinds would have to know each new one.
const (
	registry = "internal/custody"
	gestures = "scanner/gesture/cards.go"
)

// kindConstants returns the constants of a file that name kinds, with what they are.
func kindConstants(f *ast.File) map[string]string {
	kinds := map[string]string{}
	for _, d := range f.Decls {
		g, ok := d.(*ast.GenDecl)
		if !ok || g.Tok != token.CONST {
			continue
		}
		for _, s := range g.Specs {
			v := s.(*ast.ValueSpec)
			if t, ok := v.Type.(*ast.Ident); !ok || t.Name != "CommandKind" {
				continue
			}
			for i, name := range v.Names {
				if value, ok := v.Values[i].(*ast.BasicLit); ok {
					kinds[name.Name], _ = strconv.Unquote(value.Value)
				}
			}
		}
	}
	return kinds
}

// listsOfKinds names every place of a file that lists kinds: a composite literal, the
// cases of a switch, or a condition with more than one of them.
func listsOfKinds(at *token.FileSet, f *ast.File, kinds map[string]string, within bool) (out []string) {
	ast.Inspect(f, func(n ast.Node) bool {
		found := map[string]bool{}
		what := ""
		switch n := n.(type) {
		case *ast.CompositeLit:
			what = "a list"
			mentioned(n, kinds, within, found)
		case *ast.SwitchStmt:
			what = "a switch"
			for _, c := range n.Body.List {
				for _, e := range c.(*ast.CaseClause).List {
					mentioned(e, kinds, within, found)
				}
			}
		case *ast.BinaryExpr:
			if n.Op == token.LOR || n.Op == token.LAND {
				what = "a condition"
				mentioned(n, kinds, within, found)
			}
		}
		if len(found) < 2 {
			return true
		}
		p := at.Position(n.Pos())
		out = append(out, fmt.Sprintf("%s:%d: %s of kinds: %s", p.Filename, p.Line, what, strings.Join(slices.Sorted(maps.Keys(found)), ", ")))
		return false
	})
	return out
}

// mentioned collects the kinds that are named below a node, but not inside of functions.
func mentioned(n ast.Node, kinds map[string]string, within bool, found map[string]bool) {
	ast.Inspect(n, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			return false
		case *ast.CompositeLit:
			_, keyed := n.Type.(*ast.MapType)
			for _, e := range n.Elts {
				if pair, ok := e.(*ast.KeyValueExpr); ok && !keyed { // the key is a field's name
					e = pair.Value
				}
				mentioned(e, kinds, within, found)
			}
			return false
		case *ast.SelectorExpr:
			if x, ok := n.X.(*ast.Ident); ok && x.Name == "custody" && kinds[n.Sel.Name] != "" {
				found[n.Sel.Name] = true
			}
			return false
		case *ast.Ident:
			if within && kinds[n.Name] != "" {
				found[n.Name] = true
			}
		}
		return true
	})
}

// Where scripts and templates would name kinds.
var (
	scriptKind = regexp.MustCompile(`\bkind["']?\s*(?:[!=]==?|:)\s*["'](\w+)["']`)
	formKind   = regexp.MustCompile(`action="/files/[^"]*/(\w+)"`)
)

// kindsIn returns which kinds a script or a template names.
func kindsIn(text string, kinds map[string]string) []string {
	found := map[string]bool{}
	for _, form := range []*regexp.Regexp{scriptKind, formKind} {
		for _, m := range form.FindAllStringSubmatch(text, -1) {
			for _, kind := range kinds {
				if m[1] == kind {
					found[kind] = true
				}
			}
		}
	}
	return slices.Sorted(maps.Keys(found))
}

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

// What each kind of command brings with it is listed in few places: the kinds themselves
// and the conditions of files in internal/custody, where each registers itself, the cards
// in the table of gestures, the answers beside the gestures. Whoever else needs more than
// one of them asks there: a list, a map or a switch of them would have to know each new one.
const (
	registry = "internal/custody"
	gestures = "internal/label/gesture.go"
	answers  = "scanner/gesture/answer.go"
	reducer  = "web/kiosk/static/gesture.js" // the gestures in a browser
)

// vocabulary is what is listed in one place alone.
type vocabulary struct {
	what  string            // in words
	names map[string]string // of its constants, and what they are
	pkg   string            // that has them
	texts bool              // a text that is one of them counts too
}

// within reports whether a file of ours is one of the package that has the constants.
func (v vocabulary) within(f *ast.File) bool { return f.Name.Name == v.pkg }

// constants returns the constants of a type in a file, with what they are.
func constants(f *ast.File, of string) map[string]string {
	kinds := map[string]string{}
	for _, d := range f.Decls {
		g, ok := d.(*ast.GenDecl)
		if !ok || g.Tok != token.CONST {
			continue
		}
		for _, s := range g.Specs {
			v := s.(*ast.ValueSpec)
			if t, ok := v.Type.(*ast.Ident); !ok || t.Name != of {
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

// cards returns the variables of the table of gestures that are codes of cards.
func cards(f *ast.File) map[string]string {
	codes := map[string]string{}
	ast.Inspect(f, func(n ast.Node) bool {
		if v, ok := n.(*ast.ValueSpec); ok && len(v.Values) == 1 {
			if call, ok := v.Values[0].(*ast.CallExpr); ok && fmt.Sprint(call.Fun) == "New" {
				codes[v.Names[0].Name] = v.Names[0].Name
			}
		}
		return true
	})
	return codes
}

// conditions returns the names of the conditions that a file registers.
func conditions(f *ast.File) map[string]string {
	names := map[string]string{}
	ast.Inspect(f, func(n ast.Node) bool {
		pair, ok := n.(*ast.KeyValueExpr)
		if !ok || fmt.Sprint(pair.Key) != "Brings" {
			return true
		}
		ast.Inspect(pair.Value, func(n ast.Node) bool {
			if pair, ok := n.(*ast.KeyValueExpr); ok && fmt.Sprint(pair.Key) == "Name" {
				if value, ok := pair.Value.(*ast.BasicLit); ok {
					name, _ := strconv.Unquote(value.Value)
					names[name] = name
				}
			}
			return true
		})
		return false
	})
	return names
}

// listsOf names every place of a file that lists what is listed elsewhere: a composite
// literal, the cases of a switch, or a condition with more than one of them.
func listsOf(at *token.FileSet, f *ast.File, v vocabulary) (out []string) {
	ast.Inspect(f, func(n ast.Node) bool {
		found := map[string]bool{}
		what := ""
		switch n := n.(type) {
		case *ast.CompositeLit:
			what = "a list"
			v.mentioned(n, v.within(f), found)
		case *ast.SwitchStmt:
			what = "a switch"
			for _, c := range n.Body.List {
				for _, e := range c.(*ast.CaseClause).List {
					v.mentioned(e, v.within(f), found)
				}
			}
		case *ast.BinaryExpr:
			if n.Op == token.LOR || n.Op == token.LAND {
				what = "a condition"
				v.mentioned(n, v.within(f), found)
			}
		}
		if len(found) < 2 {
			return true
		}
		p := at.Position(n.Pos())
		out = append(out, fmt.Sprintf("%s:%d: %s of %s: %s", p.Filename, p.Line, what, v.what, strings.Join(slices.Sorted(maps.Keys(found)), ", ")))
		return false
	})
	return out
}

// mentioned collects what is named below a node, but not inside of functions.
func (v vocabulary) mentioned(n ast.Node, within bool, found map[string]bool) {
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
				v.mentioned(e, within, found)
			}
			return false
		case *ast.SelectorExpr:
			if x, ok := n.X.(*ast.Ident); ok && x.Name == v.pkg && v.names[n.Sel.Name] != "" {
				found[n.Sel.Name] = true
			}
			return false
		case *ast.Ident:
			if within && v.names[n.Name] != "" {
				found[n.Name] = true
			}
		case *ast.BasicLit:
			if text, err := strconv.Unquote(n.Value); v.texts && err == nil && v.names[text] != "" {
				found[text] = true
			}
		}
		return true
	})
}

// Where programs as texts, scripts and templates would name kinds, and scripts answers.
var (
	kindForms = []*regexp.Regexp{
		regexp.MustCompile(`\b[kK]ind["']?\s*(?:[!=]==?|:)\s*["'](\w+)["']`),
		regexp.MustCompile(`action="/files/[^"]*/(\w+)"`),
	}
	answerForms = []*regexp.Regexp{regexp.MustCompile(`["'](\w+)["']`)}
)

// namedIn returns which of some names a text has in one of some forms.
func namedIn(text string, names map[string]string, forms []*regexp.Regexp) []string {
	found := map[string]bool{}
	for _, form := range forms {
		for _, m := range form.FindAllStringSubmatch(text, -1) {
			for _, name := range names {
				if m[1] == name {
					found[name] = true
				}
			}
		}
	}
	return slices.Sorted(maps.Keys(found))
}

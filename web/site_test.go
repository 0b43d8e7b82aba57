package web

import (
	"io/fs"
	"regexp"
	"strings"
	"testing"

	"github.com/jba/templatecheck"

	"harkara/web/lang"
)

// Every page's template fits the struct it is rendered with.
func TestTemplatesFitTheirPages(t *testing.T) {
	s, err := newSite()
	if err != nil {
		t.Fatal(err)
	}
	pages := map[string]any{
		"board": boardPage{}, "rooms": roomsPage{}, "room": roomPage{}, "officer": officerPage{}, "file": filePage{}, "open": openPage{}, "login": loginPage{},
		"error": errorPage{}, "lost": lostPage{}, "attention": attentionPage{}, "post": postPage{}, "handover": handoverPage{},
		"unlock": unlockPage{}, "settings": settingsPage{}, "pin": pinPage{}, "persons": personsPage{}, "person": personPage{},
	}
	for name, tmpl := range s.pages {
		data, ok := pages[name]
		if !ok {
			t.Errorf("page %s has no struct here", name)
			continue
		}
		if err := templatecheck.CheckHTML(tmpl.Lookup("layout"), data); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	for name, data := range map[string]any{
		"row": row{}, "story": story{}, "acts": story{}, "cover": story{}, "name": story{}, "cell": cell{}, "total": total{}, "health": banner{}, "backup": backupBar{}, "more": more{}, "tally": tally{},
		"attention": summons{}, "told": toldList{}, "finding": findingLine{}, "slip": slip{}, "grant-fields": personsPage{},
	} {
		if err := templatecheck.CheckHTML(s.pieces.Lookup(name), data); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

var (
	asked_  = regexp.MustCompile(`\.[TN] "([a-z_.0-9]+)"`)
	literal = regexp.MustCompile(`(?s)\{\{define "body"\}\}.*?\{\{end\}\}|\{\{.*?\}\}|<script[^>]*>.*?</script>|<[^>]*>|&[a-z]+;`)
)

// A template holds no words of its own, and asks only for words that exist.
func TestTemplatesHoldNoWords(t *testing.T) {
	names, err := fs.Glob(files, "templates/*.html")
	if err != nil || len(names) == 0 {
		t.Fatal(names, err)
	}
	for _, name := range names {
		raw, err := files.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		text := string(raw)
		for _, m := range asked_.FindAllStringSubmatch(text, -1) {
			for _, tag := range lang.Tags {
				if tag.Text(m[1]) == m[1] {
					t.Errorf("%s asks for %q, which %s does not have", name, m[1], tag)
				}
				if strings.Contains(text, `.N "`+m[1]) && tag.Text(m[1]+".one") == m[1]+".one" {
					t.Errorf("%s counts %q, which %s does not have for one", name, m[1], tag)
				}
			}
		}
		for _, attribute := range regexp.MustCompile(`(?:title|alt|placeholder|aria-label)="([^"{]*[A-Za-z][^"{]*)"`).FindAllStringSubmatch(text, -1) {
			t.Errorf("%s: literal %q", name, attribute[1])
		}
		if words := regexp.MustCompile(`[A-Za-z]{2,}`).FindAllString(literal.ReplaceAllString(text, " "), -1); len(words) > 0 {
			t.Errorf("%s holds words: %q", name, words)
		}
	}
}

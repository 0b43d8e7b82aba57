package uplink

import (
	"context"
	"crypto/ed25519"
	"crypto/x509"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"harkara/web/wire"
)

// An impostor at the office's address learns a challenge and nothing else; the
// office's other address is used, and its own again when the impostor is gone.
func TestNothingIsSentToAnImpostor(t *testing.T) {
	bubble(t, func(t *testing.T, d *double, w *network) {
		impostor := newDouble()
		impostor.token = d.token
		stop := w.serve(t, office1, impostor)
		spare := w.serve(t, office2, d)
		s := start(t, d, w, nil)
		s.queue.add(3)
		s.Wake()
		within(t, time.Minute, "delivered at the other address", func() bool { return s.queue.left() == 0 })
		if s.State().Address != "http://spare" {
			t.Error("at ", s.State().Address)
		}
		spare()
		s.queue.add(3)
		s.Wake()
		time.Sleep(10 * time.Minute)
		if st := s.State(); st.Status != Away || !strings.Contains(st.Why, errNotOffice.Error()) || s.queue.left() != 3 {
			t.Errorf("%+v", st)
		}
		stop()
		w.serve(t, office1, d)
		within(t, longPause+time.Second, "delivered at the first address", func() bool { return s.queue.left() == 0 })
		for _, h := range impostor.heard {
			if h.Get("Authorization") != "" || h.Get(wire.ClockHeader) != "" {
				t.Error("the impostor was told ", h)
			}
		}
		if len(impostor.heard) == 0 || len(impostor.has()) > 0 {
			t.Error("the impostor got ", impostor.has())
		}
	})
}

// A relay passes the challenge on to the office under its own name: the office's
// signature is for the name that was dialled.
func TestAnotherOfficesNameProvesNothing(t *testing.T) {
	bubble(t, func(t *testing.T, d *double, w *network) {
		w.serve(t, office1, http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
			r.Host = "real.office"
			d.ServeHTTP(rw, r)
		}))
		s := start(t, d, w, nil)
		s.queue.add(1)
		s.Wake()
		time.Sleep(time.Minute)
		if len(d.has()) > 0 || s.State().Status != Away {
			t.Error(d.has(), s.State())
		}
	})
}

// A redirect is no way to another machine.
func TestARedirectIsNotFollowed(t *testing.T) {
	bubble(t, func(t *testing.T, d *double, w *network) {
		elsewhere := newDouble()
		elsewhere.token = d.token
		w.serve(t, "elsewhere:80", elsewhere)
		w.serve(t, office1, http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/api/v1/office" {
				d.ServeHTTP(rw, r)
				return
			}
			http.Redirect(rw, r, "http://elsewhere"+r.URL.Path, http.StatusTemporaryRedirect)
		}))
		s := start(t, d, w, nil)
		s.queue.add(1)
		s.Wake()
		time.Sleep(time.Minute)
		if len(elsewhere.heard) > 0 || s.State().Status != Away || s.queue.left() != 1 {
			t.Error(elsewhere.heard, s.State())
		}
	})
}

// Over https certificate and key are both asked for: a wrong name or an unknown
// authority learns nothing at all.
func TestTLS(t *testing.T) {
	d := newDouble()
	server := httptest.NewTLSServer(d)
	defer server.Close()
	known := x509.NewCertPool()
	known.AddCert(server.Certificate())
	for _, c := range []struct {
		roots *x509.CertPool
		want  Status
	}{{known, OK}, {x509.NewCertPool(), Away}} {
		changed := make(chan struct{}, 99)
		q := &memory{}
		q.add(2)
		u, err := New(Config{
			Addresses: []string{server.URL}, Key: d.key.Public().(ed25519.PublicKey), Token: d.token, Queue: q, Roots: c.roots,
			Clock: func() Moment { return Moment{Wall: time.Now(), Boot: "boot"} }, Changed: func() { changed <- struct{}{} },
		})
		if err != nil {
			t.Fatal(err)
		}
		before := len(d.has())
		ctx, stop := context.WithTimeout(t.Context(), 30*time.Second)
		done := make(chan struct{})
		go func() { defer close(done); u.Run(ctx) }()
		for u.State().Status != c.want || u.State().Why == "not yet asked" || c.want == OK && q.left() > 0 {
			select {
			case <-changed:
			case <-ctx.Done():
				t.Fatalf("%+v", u.State())
			}
		}
		stop()
		<-done
		if c.want != OK && (q.left() != 2 || len(d.has()) != before || !strings.Contains(u.State().Why, "certificate")) {
			t.Errorf("%+v, %d sent", u.State(), len(d.has())-before)
		}
	}
}

func TestARefusedTokenKeepsEverything(t *testing.T) {
	bubble(t, func(t *testing.T, d *double, w *network) {
		w.serve(t, office1, d)
		s := start(t, d, w, nil)
		within(t, time.Second, "ok", func() bool { return s.State().Status == OK })
		d.set(func() { d.token = "another" })
		s.queue.add(2)
		s.Wake()
		within(t, time.Minute, "refused", func() bool { return s.State().Status == Refused })
		time.Sleep(time.Hour)
		if s.queue.left() != 2 || s.State().Status != Refused {
			t.Error(s.queue.left(), s.State())
		}
		d.set(func() { d.token = "a token" })
		within(t, refusedTime+time.Second, "delivered", func() bool { return s.queue.left() == 0 && s.State().Status == OK })
	})
}

func TestAddresses(t *testing.T) {
	for text, good := range map[string]bool{
		"http://10.1.1.5:8470": true, "https://office.gov.pk": true, "http://office/": true,
		"": false, "office": false, "ftp://office": false, "http://office/path": false, "http://a:b@office": false, "http://office?x": false, "http://": false,
	} {
		if _, err := ParseAddress(text); (err == nil) != good {
			t.Errorf("%q: %v", text, err)
		}
	}
}

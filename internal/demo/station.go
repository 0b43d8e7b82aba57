package demo

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"

	"harkara/internal/custody"
	"harkara/internal/label"
	"harkara/internal/paper"
	"harkara/scanner/decode"
)

// scan reads a cover at a room's station, with a card or without.
func (l *Life) scan(ctx context.Context, file custody.File, room custody.RoomID, card custody.Context) error {
	return l.read(ctx, file, room, custody.Scan, card)
}

// read photographs the cover, decodes the photograph, and sends what was read with what
// the cards before it say.
func (l *Life) read(ctx context.Context, file custody.File, room custody.RoomID, kind custody.CommandKind, with custody.Payload) error {
	code := file.Code
	cover, err := l.cfg.Cover(paper.Cover{Code: code, Number: file.Number, Subject: file.Subject, Opened: file.Opened})
	if err != nil {
		return fmt.Errorf("draw cover of %s: %w", code, err)
	}
	var read []decode.Symbol
	for tries := 0; len(read) == 0; tries++ {
		if tries == 5 {
			return fmt.Errorf("cover of %s cannot be read", code)
		}
		read = l.eye.Decode(decode.FromImage(photograph(cover, l.random)), decode.Options{}).Symbols
	}
	got, err := label.Check(read[0].Text)
	if err != nil {
		return fmt.Errorf("read %q: %w", read[0].Text, err)
	}
	method := custody.ByQR
	if read[0].Format == decode.Code128 {
		method = custody.ByCode128
	}
	badge := l.badge(room)
	if card, ok := with.(custody.Context); ok && card.Runner != "" {
		badge = card.Runner
	}
	return l.send(ctx, custody.Command{
		ID: custody.CommandID(uuid.NewString()), Kind: kind, Code: got, Station: StationOf(room), Method: method, Badge: badge,
		At: custody.Stamp{Wall: time.Now().UTC()}, With: with,
	})
}

// badge is of who sits in a room, read before a cover now and then; mostly nobody does.
func (l *Life) badge(room custody.RoomID) label.Code {
	desk, ok := l.cfg.Office.ReceivingDesk(room)
	if !ok || l.random.IntN(badges) != 0 {
		return ""
	}
	officer, _ := l.cfg.Office.OfficerIn(desk.Post)
	return officer.Code
}

// cutOff chooses, once in a while of every minute, the station with most to scan, and
// cuts it off.
func (l *Life) cutOff(rows []custody.Row) {
	if in := time.Since(l.began) % cycle; in < offlineFrom || in >= offlineFrom+offlineFor {
		l.cut = ""
		return
	}
	if l.cut != "" {
		return
	}
	most, files := 0, map[custody.RoomID]int{}
	for _, row := range rows {
		room := row.Position.Room
		if row.Position.Phase == custody.Transit {
			room = row.Position.ToRoom
		}
		files[room]++
	}
	for _, r := range l.cfg.Office.Rooms {
		if n := files[r.ID]; n > most {
			most, l.cut = n, StationOf(r.ID)
		}
	}
}

// send posts a command, or keeps it while its station is cut off.
func (l *Life) send(ctx context.Context, c custody.Command) error {
	l.acted[c.Code] = time.Now()
	if c.Station == l.cut {
		l.spool[c.Station] = append(l.spool[c.Station], c)
		return nil
	}
	return l.post(ctx, "/api/v1/scans", l.cfg.Token(c.Station), c)
}

// catchUp sends what stations kept while they were cut off, in order.
func (l *Life) catchUp(ctx context.Context) error {
	for station, kept := range l.spool {
		if len(kept) == 0 || station == l.cut {
			continue
		}
		if err := l.post(ctx, "/api/v1/scans", l.cfg.Token(station), kept); err != nil {
			return err
		}
		delete(l.spool, station)
	}
	return nil
}

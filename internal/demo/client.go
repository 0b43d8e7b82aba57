package demo

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"

	"harkara/internal/custody"
)

func (l *Life) board(ctx context.Context) ([]custody.Row, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, l.cfg.Base+"/api/v1/board", nil)
	if err != nil {
		return nil, err
	}
	if l.cfg.Reader != "" {
		req.Header.Set("Authorization", "Bearer "+l.cfg.Reader)
	}
	resp, err := l.http.Do(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("board: %s", resp.Status)
	}
	var b struct {
		Files []custody.Row `json:"files"`
	}
	err = json.NewDecoder(resp.Body).Decode(&b)
	return b.Files, err
}

func (l *Life) post(ctx context.Context, path, token string, body any) error {
	raw, err := json.Marshal(body)
	if err != nil {
		return err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, l.cfg.Base+path, bytes.NewReader(raw))
	if err != nil {
		return err
	}
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	resp, err := l.http.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(io.LimitReader(resp.Body, 1<<16))
	if err != nil {
		return err
	}
	if resp.StatusCode >= 400 {
		return fmt.Errorf("%s: %s: %s", path, resp.Status, answer)
	}
	return nil
}

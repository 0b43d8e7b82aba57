package chromium

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/jpeg"
	"io"
	"os"
)

// Counter is what a camera over a station's counter sees, 1280 x 720: an empty one, or
// with a cover on it.
func Counter(cover *image.Gray) image.Image {
	grey := image.NewGray(image.Rect(0, 0, 1280, 720))
	draw.Draw(grey, grey.Rect, image.NewUniform(color.Gray{Y: 110}), image.Point{}, draw.Src)
	if cover != nil {
		draw.Draw(grey, cover.Rect.Add(image.Pt(260, 120)), cover, image.Point{}, draw.Src)
	}
	frame := image.NewYCbCr(grey.Rect, image.YCbCrSubsampleRatio420) // Chromium's fake camera takes no grey JPEG
	copy(frame.Y, grey.Pix)
	for i := range frame.Cb {
		frame.Cb[i], frame.Cr[i] = 128, 128
	}
	return frame
}

// FrameRate is how many pictures of a film are seen in a second.
const FrameRate = 30

// Camera has the browser see a film as its camera's, and ask nobody whether it may.
func Camera(film string) []Flag {
	return []Flag{{"use-fake-device-for-media-stream", true}, {"use-fake-ui-for-media-stream", true}, {"use-file-for-fake-video-capture", film}}
}

// Scene is a picture and for how many frames it is seen.
type Scene struct {
	Picture image.Image
	Frames  int
}

// WriteFilm writes scenes as a file that Chromium plays as a camera, over and over:
// JPEG frames one after another.
func WriteFilm(path string, scenes []Scene) error {
	f, err := os.Create(path)
	if err != nil {
		return fmt.Errorf("make film: %w", err)
	}
	for _, s := range scenes {
		if err := repeat(f, s); err != nil {
			return errors.Join(fmt.Errorf("write film: %w", err), f.Close())
		}
	}
	return f.Close()
}

func repeat(w io.Writer, s Scene) error {
	var frame bytes.Buffer
	if err := jpeg.Encode(&frame, s.Picture, &jpeg.Options{Quality: 85}); err != nil {
		return err
	}
	for range s.Frames {
		if _, err := w.Write(frame.Bytes()); err != nil {
			return err
		}
	}
	return nil
}

//! Figures become PNG and SVG: the only place that knows plotters.
//!
//! plotters draws on whole pixels, so both are drawn larger than shown: PNG [`SUPERSAMPLING`]
//! times and averaged, SVG at [`SVG_GRAIN`] in a view box. What plotters
//! would write as one element per spike (marks), cannot stretch (pictures) or does not name (text) is written here.

use base64::Engine;
use plotters::coord::Shift;
use plotters::element::Drawable;
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};

use super::canvas::{Anchor, Area, Figure, Pixels, Point, Shape, Text as Words};
use super::font;
use super::palette::Color as Ink;
use super::paper::{Length, Print};
use crate::visible::visible;

/// Dots drawn per dot of a PNG file before averaging, along each side.
const SUPERSAMPLING: usize = 2;
/// Units of an SVG's view box per pixel of the figure.
const SVG_GRAIN: f64 = 8.0;

/// The bytes of a PNG file for screens.
pub fn png(figure: &Figure) -> Vec<u8> {
    png_of(figure, &Print::on_screen(figure))
}

/// The bytes of a PNG file with as many dots as `print` says.
pub fn png_of(figure: &Figure, print: &Print) -> Vec<u8> {
    let (width, height) = (print.columns * SUPERSAMPLING, print.rows * SUPERSAMPLING);
    // A figure for screens may end within a dot.
    let grain = (width as f64 / figure.width.max(1.0)).min(height as f64 / figure.height.max(1.0));
    let mut drawn = vec![255; width * height * 3];
    {
        let area = BitMapBackend::with_buffer(&mut drawn, (width as u32, height as u32)).into_drawing_area();
        let pen = Pen { area: &area, grain, medium: Medium::Bitmap };
        figure.shapes.iter().for_each(|shape| pen.draw(shape));
    }
    encode_png(print.columns, print.rows, &shrink(&drawn, width, SUPERSAMPLING), Some(print.dpi))
}

/// An SVG document for screens.
pub fn svg(figure: &Figure) -> String {
    svg_as_large(figure, &figure.width.to_string(), &figure.height.to_string())
}

/// An SVG document as large as `print` says.
pub fn svg_of(figure: &Figure, print: &Print) -> String {
    svg_as_large(figure, &Length(print.width).to_string(), &Length(print.height).to_string())
}

fn svg_as_large(figure: &Figure, wide: &str, high: &str) -> String {
    let (width, height) = (figure.width * SVG_GRAIN, figure.height * SVG_GRAIN);
    let mut text = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{wide}\" height=\"{high}\" viewBox=\"0 0 {width} {height}\" \
         role=\"img\" aria-label=\"{}\">\n<rect width=\"{width}\" height=\"{height}\" fill=\"#FFFFFF\"/>\n",
        escape(&figure.title),
    );
    let own = |shape: &Shape| matches!(shape, Shape::Marks { .. } | Shape::Picture { .. } | Shape::Text { .. });
    for run in figure.shapes.chunk_by(|a, b| !own(a) && !own(b)) {
        match &run[0] {
            Shape::Marks { at, color, width, height } => text.push_str(&marks_path(at, *color, (*width, *height))),
            Shape::Picture { area, pixels } => text.push_str(&image(area, pixels)),
            Shape::Text { at, text: words } => text.push_str(&svg_text(*at, words)),
            _ => text.push_str(&fragment(run, (width as u32, height as u32))),
        }
    }
    text + "</svg>\n"
}

/// `text` with the signs of markup replaced.
pub fn escape(text: &str) -> String {
    visible(text)
        .replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
        .replace('\'', "&#39;")
}

/// Bytes as a `data:` address.
pub fn data_address(bytes: &[u8]) -> String {
    format!("data:image/png;base64,{}", base64::engine::general_purpose::STANDARD.encode(bytes))
}

/// What plotters draws in SVG, without the document around it.
fn fragment(shapes: &[Shape], size: (u32, u32)) -> String {
    let mut document = String::new();
    {
        let area = SVGBackend::with_string(&mut document, size).into_drawing_area();
        let pen = Pen { area: &area, grain: SVG_GRAIN, medium: Medium::Svg };
        shapes.iter().for_each(|shape| pen.draw(shape));
    }
    let inside = document.split_once(">\n").map_or("", |(_, rest)| rest);
    inside.trim_end().trim_end_matches("</svg>").lines().map(|line| format!("{line}\n")).collect()
}

/// A line of text; where it was cut, all of it below the pointer.
fn svg_text((x, y): Point, words: &Words) -> String {
    let anchor = match words.anchor {
        Anchor::Start => "start",
        Anchor::Middle => "middle",
        Anchor::End => "end",
    };
    let below = font::MIDDLE * words.size;
    let at = |value: f64| (value * SVG_GRAIN * 10.0).round() / 10.0;
    let (x, y) = if words.upwards { (at(x + below), at(y)) } else { (at(x), at(y + below)) };
    let turn = if words.upwards { format!(" transform=\"rotate(-90 {x} {y})\"") } else { String::new() };
    let weight = if words.bold { " font-weight=\"bold\"" } else { "" };
    let whole = words.whole.as_ref().map_or(String::new(), |whole| format!("<title>{}</title>", escape(whole)));
    format!(
        "<text x=\"{x}\" y=\"{y}\" text-anchor=\"{anchor}\" font-family=\"{}\" font-size=\"{}\"{weight} \
         fill=\"{}\"{turn}>{}{whole}</text>\n",
        font::FAMILY,
        at(words.size),
        hex(words.color),
        escape(&words.text),
    )
}

/// One path through all marks.
fn marks_path(at: &[Point], color: Ink, (width, height): (f64, f64)) -> String {
    let (stroke, cap) = if height > 0.0 { (width, "butt") } else { (width, "round") };
    let mut path = format!(
        "<path fill=\"none\" stroke=\"{}\" stroke-width=\"{}\" stroke-linecap=\"{cap}\" d=\"",
        hex(color),
        stroke * SVG_GRAIN
    );
    let tall = (height * SVG_GRAIN).round() as i64;
    for &(x, y) in at {
        let (x, y) = ((x * SVG_GRAIN).round() as i64, ((y - height / 2.0) * SVG_GRAIN).round() as i64);
        path += &format!("M{x} {y}v{tall}");
    }
    path + "\"/>\n"
}

fn image(area: &Area, pixels: &Pixels) -> String {
    let flat: Vec<u8> = pixels.colors.iter().flat_map(|&(r, g, b)| [r, g, b]).collect();
    format!(
        "<image x=\"{:.1}\" y=\"{:.1}\" width=\"{:.1}\" height=\"{:.1}\" preserveAspectRatio=\"none\" \
         style=\"image-rendering:pixelated\" href=\"{}\"/>\n",
        area.left * SVG_GRAIN,
        area.top * SVG_GRAIN,
        area.width * SVG_GRAIN,
        area.height * SVG_GRAIN,
        data_address(&encode_png(pixels.columns, pixels.rows, &flat, None)),
    )
}

fn hex((r, g, b): Ink) -> String {
    format!("#{r:02X}{g:02X}{b:02X}")
}

/// Averages squares of `factor` x `factor` pixels.
fn shrink(drawn: &[u8], width: usize, factor: usize) -> Vec<u8> {
    let (stride, area) = (width * 3, factor * factor);
    let mut small = Vec::with_capacity(drawn.len() / area);
    let mut sums = vec![0; width / factor * 3];
    for rows in drawn.chunks_exact(stride * factor) {
        sums.fill(area / 2);
        for row in rows.chunks_exact(stride) {
            for (square, sums) in row.chunks_exact(3 * factor).zip(sums.chunks_exact_mut(3)) {
                for pixel in square.chunks_exact(3) {
                    sums[0] += usize::from(pixel[0]);
                    sums[1] += usize::from(pixel[1]);
                    sums[2] += usize::from(pixel[2]);
                }
            }
        }
        small.extend(sums.iter().map(|sum| (sum / area) as u8));
    }
    small
}

/// The bytes of a PNG file, which says how many dots an inch has.
fn encode_png(width: usize, height: usize, rgb: &[u8], dpi: Option<f64>) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, width as u32, height as u32);
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_depth(png::BitDepth::Eight);
    encoder.set_compression(png::Compression::Default);
    encoder.set_adaptive_filter(png::AdaptiveFilterType::Adaptive);
    let per_metre = |dpi: f64| (dpi / 0.0254).round() as u32;
    let dimensions = |dpi| png::PixelDimensions { xppu: per_metre(dpi), yppu: per_metre(dpi), unit: png::Unit::Meter };
    encoder.set_pixel_dims(dpi.map(dimensions));
    let written = encoder.write_header().and_then(|mut writer| writer.write_image_data(rgb));
    assert!(written.is_ok(), "a picture has as many pixels as it says: {written:?}");
    bytes
}

/// What is drawn on: the two differ in how they join lines and set text.
#[derive(Clone, Copy, PartialEq)]
enum Medium {
    Bitmap,
    Svg,
}

/// Draws shapes with plotters.
struct Pen<'a, B: DrawingBackend> {
    area: &'a DrawingArea<B, Shift>,
    grain: f64,
    medium: Medium,
}

impl<B: DrawingBackend> Pen<'_, B> {
    fn draw(&self, shape: &Shape) {
        match shape {
            Shape::Line { points, color, width } => self.line(points, *color, *width),
            Shape::Polygon { points, color, opacity } => self.polygon(points, *color, *opacity),
            Shape::Text { at, text } => self.text(*at, text),
            Shape::Marks { at, color, width, height } => {
                at.iter().for_each(|&point| self.mark(point, *color, (*width, *height)));
            }
            Shape::Picture { area, pixels } => self.picture(area, pixels),
        }
    }

    /// Memory never refuses a shape, and the font is embedded.
    fn put<E>(&self, element: &E)
    where
        for<'b> &'b E: plotters::element::PointCollection<'b, (i32, i32)>,
        E: Drawable<B>,
    {
        let drawn = self.area.draw(element);
        assert!(drawn.is_ok(), "plotters draws into memory");
    }

    fn place(&self, (x, y): Point) -> (i32, i32) {
        ((x * self.grain).round() as i32, (y * self.grain).round() as i32)
    }

    fn line(&self, points: &[Point], color: Ink, width: f64) {
        let stroke = (width * self.grain).round().max(1.0) as u32;
        let style = ShapeStyle::from(&rgb(color)).stroke_width(stroke);
        let mut placed: Vec<_> = points.iter().map(|&point| self.place(point)).collect();
        placed.dedup();
        if self.medium == Medium::Svg {
            return self.put(&PathElement::new(placed, style));
        }
        for (index, pair) in placed.windows(2).enumerate() {
            self.put(&PathElement::new(pair.to_vec(), style));
            if index > 0 {
                self.put(&Circle::new(pair[0], stroke / 2, rgb(color).filled()));
            }
        }
    }

    fn polygon(&self, points: &[Point], color: Ink, opacity: f64) {
        let placed: Vec<_> = points.iter().map(|&point| self.place(point)).collect();
        let style = rgb(color).mix(opacity).filled();
        match placed[..] {
            [a, b, c, d] if a.1 == b.1 && b.0 == c.0 && c.1 == d.1 && d.0 == a.0 => self.rectangle(a, c, style),
            _ => self.put(&Polygon::new(placed, style)),
        }
    }

    /// plotters fills up to the second corner, without its row and column of pixels.
    fn rectangle(&self, from: (i32, i32), to: (i32, i32), style: ShapeStyle) {
        if to.0 > from.0 && to.1 > from.1 {
            self.put(&Rectangle::new([from, to], style));
        }
    }

    fn mark(&self, (x, y): Point, color: Ink, (width, height): (f64, f64)) {
        if height == 0.0 {
            let radius = (width * self.grain / 2.0).round() as i32;
            return self.put(&Circle::new(self.place((x, y)), radius, rgb(color).filled()));
        }
        let (left, top) = self.place((x - width / 2.0, y - height / 2.0));
        let size = |length: f64| (length * self.grain).round().max(1.0) as i32;
        self.rectangle((left, top), (left + size(width), top + size(height)), rgb(color).filled());
    }

    fn picture(&self, area: &Area, pixels: &Pixels) {
        let column = |index: usize| area.left + area.width * index as f64 / pixels.columns as f64;
        let row = |index: usize| area.top + area.height * index as f64 / pixels.rows as f64;
        for (index, &color) in pixels.colors.iter().enumerate() {
            let (i, j) = (index % pixels.columns, index / pixels.columns);
            let (from, to) = (self.place((column(i), row(j))), self.place((column(i + 1), row(j + 1))));
            self.rectangle(from, to, rgb(color).filled());
        }
    }

    fn text(&self, (x, y): Point, words: &Words) {
        font::register();
        let em = words.size * self.grain;
        // How far the top of plotters' box must lie above the middle of the letters.
        let (size, above) = (em * font::LINE, em * (font::LINE / 2.0 - font::MIDDLE));
        let (x, y) = (x * self.grain, y * self.grain);
        let (at, turn) = match words.upwards {
            true => ((x - above, y), FontTransform::Rotate270),
            false => ((x, y - above), FontTransform::None),
        };
        let side = match words.anchor {
            Anchor::Start => HPos::Left,
            Anchor::Middle => HPos::Center,
            Anchor::End => HPos::Right,
        };
        let face = if words.bold { FontStyle::Bold } else { FontStyle::Normal };
        let color = rgb(words.color);
        let style = TextStyle::from((FontFamily::Name(font::FAMILY), size, face).into_font().transform(turn))
            .color(&color)
            .pos(Pos::new(side, VPos::Top));
        let at = (at.0.round() as i32, at.1.round() as i32);
        self.put(&plotters::element::Text::new(visible(&words.text).replace('\n', " "), at, style));
    }
}

fn rgb((r, g, b): Ink) -> RGBColor {
    RGBColor(r, g, b)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::palette::{BLUE, INK, VERMILLION};

    fn sample() -> Figure {
        let mut figure = Figure::new("a < b & \"c\"", 120.0, 60.0);
        figure.text((60.0, 10.0), Words::new("τ ≤ 20 ms & <more>").middle());
        figure.line(vec![(0.0, 30.0), (60.0, 40.0), (60.0, 40.0), (120.0, 30.0)], BLUE, 1.5);
        figure.marks(vec![(10.0, 50.0), (20.0, 50.0)], VERMILLION, (1.0, 4.0));
        figure.picture(Area::new(100.0, 40.0, 20.0, 20.0), Pixels::filled(2, 2, INK));
        figure
    }

    #[test]
    fn svg_keeps_text_and_order_and_merges_marks() {
        let text = svg(&sample());
        assert!(text.contains("τ ≤ 20 ms &amp; &lt;more&gt;</text>"), "{text}");
        assert!(text.contains("aria-label=\"a &lt; b &amp; &quot;c&quot;\""));
        assert!(text.contains("d=\"M80 384v32M160 384v32\""), "{text}");
        assert!(text.find("<polyline") < text.find("<path") && text.find("<path") < text.find("<image"));
        assert_eq!(text.matches("<svg").count(), 1);
    }

    #[test]
    fn png_has_ink_where_it_was_put() {
        let bytes = png(&sample());
        let mut reader = png::Decoder::new(bytes.as_slice()).read_info().unwrap();
        let mut pixels = vec![0; reader.output_buffer_size()];
        let info = reader.next_frame(&mut pixels).unwrap();
        assert_eq!((info.width, info.height), (240, 120));
        let at = |x: usize, y: usize| (pixels[(y * 240 + x) * 3], pixels[(y * 240 + x) * 3 + 1]);
        assert_eq!(at(220, 100), (INK.0, INK.1));
        assert_eq!(at(20, 100), (VERMILLION.0, VERMILLION.1));
        assert_eq!([at(2, 2), at(21, 100), at(18, 100), at(20, 95), at(20, 104)], [(255, 255); 5]);
    }
}

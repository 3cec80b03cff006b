//! Figures become PDF, by krilla: lines stay lines, and text stays text in the embedded font.

use krilla::color::rgb;
use krilla::geom::{Path, PathBuilder, Point as At, Size, Transform};
use krilla::image::{BitsPerComponent, CustomImage, Image, ImageColorspace};
use krilla::metadata::Metadata;
use krilla::num::NormalizedF32;
use krilla::page::PageSettings;
use krilla::paint::{Fill, LineCap, LineJoin, Stroke};
use krilla::surface::Surface;
use krilla::text::{Font, TextDirection};
use krilla::{Document, SerializeSettings};

use super::canvas::{Anchor, Area, Figure, Pixels, Point, Shape, Text};
use super::font;
use super::palette::Color;
use super::paper::Print;

/// The bytes of a PDF file of one page, as large as `print` says; the same bytes for the same
/// figure. `None` where the figure is too large for a page.
pub fn pdf(figure: &Figure, print: &Print) -> Option<Vec<u8>> {
    let settings = SerializeSettings { enable_tagging: false, ..SerializeSettings::default() };
    let mut document = Document::new_with(settings);
    document.set_metadata(Metadata::new().title(figure.title.clone()).creator("twinfire".into()));
    let mut page = document.start_page_with(PageSettings::from_wh(print.width as f32, print.height as f32)?);
    let mut surface = page.surface();
    let scale = |points: f64, pixels: f64| (points / pixels.max(1e-9)) as f32;
    surface
        .push_transform(&Transform::from_scale(scale(print.width, figure.width), scale(print.height, figure.height)));
    let faces = faces()?;
    figure.shapes.iter().for_each(|shape| draw(&mut surface, shape, &faces));
    surface.pop();
    surface.finish();
    page.finish();
    document.finish().ok()
}

/// The plain and the bold face.
fn faces() -> Option<[Font; 2]> {
    let [plain, bold] = font::FACES;
    Some([Font::new(plain.into(), 0)?, Font::new(bold.into(), 0)?])
}

fn draw(surface: &mut Surface<'_>, shape: &Shape, faces: &[Font; 2]) {
    match shape {
        Shape::Line { points, color, width } => line(surface, points, *color, *width),
        Shape::Polygon { points, color, opacity } => {
            surface.set_stroke(None);
            surface.set_fill(Some(fill(*color, *opacity)));
            path(points, true).into_iter().for_each(|path| surface.draw_path(&path));
        }
        Shape::Text { at, text } => write(surface, *at, text, faces),
        Shape::Marks { at, color, width, height } => marks(surface, at, *color, (*width, *height)),
        Shape::Picture { area, pixels } => picture(surface, area, pixels),
    }
}

fn paint((red, green, blue): Color) -> rgb::Color {
    rgb::Color::new(red, green, blue)
}

fn fill(color: Color, opacity: f64) -> Fill {
    let opacity = NormalizedF32::new(opacity.clamp(0.0, 1.0) as f32).unwrap_or(NormalizedF32::ONE);
    Fill { paint: paint(color).into(), opacity, ..Fill::default() }
}

fn stroke(color: Color, width: f64, line_cap: LineCap) -> Stroke {
    let line_join = LineJoin::Round;
    Stroke { paint: paint(color).into(), width: width as f32, line_cap, line_join, ..Stroke::default() }
}

fn path(points: &[Point], closed: bool) -> Option<Path> {
    let mut builder = PathBuilder::new();
    for (index, &(x, y)) in points.iter().enumerate() {
        match index {
            0 => builder.move_to(x as f32, y as f32),
            _ => builder.line_to(x as f32, y as f32),
        }
    }
    if closed {
        builder.close();
    }
    if points.len() > 1 { builder.finish() } else { None }
}

fn line(surface: &mut Surface<'_>, points: &[Point], color: Color, width: f64) {
    surface.set_fill(None);
    surface.set_stroke(Some(stroke(color, width, LineCap::Butt)));
    path(points, false).into_iter().for_each(|path| surface.draw_path(&path));
}

/// One path through all marks.
fn marks(surface: &mut Surface<'_>, at: &[Point], color: Color, (width, height): (f64, f64)) {
    let cap = if height > 0.0 { LineCap::Butt } else { LineCap::Round };
    // Lines without a length are not drawn by all viewers.
    let half = (height / 2.0).max(0.005);
    let mut builder = PathBuilder::new();
    for &(x, y) in at {
        builder.move_to(x as f32, (y - half) as f32);
        builder.line_to(x as f32, (y + half) as f32);
    }
    surface.set_fill(None);
    surface.set_stroke(Some(stroke(color, width, cap)));
    builder.finish().into_iter().for_each(|path| surface.draw_path(&path));
}

fn write(surface: &mut Surface<'_>, (x, y): Point, text: &Text, faces: &[Font; 2]) {
    let width = font::width(&text.text, text.size, text.bold);
    let start = match text.anchor {
        Anchor::Start => 0.0,
        Anchor::Middle => -width / 2.0,
        Anchor::End => -width,
    };
    let turn = if text.upwards { -90.0 } else { 0.0 };
    surface.push_transform(&Transform::from_translate(x as f32, y as f32));
    surface.push_transform(&Transform::from_rotate(turn));
    surface.set_stroke(None);
    surface.set_fill(Some(fill(text.color, 1.0)));
    let place = At::from_xy(start as f32, (font::MIDDLE * text.size) as f32);
    let face = faces[usize::from(text.bold)].clone();
    surface.draw_text(place, face, text.size as f32, &text.text, false, TextDirection::LeftToRight);
    surface.pop();
    surface.pop();
}

fn picture(surface: &mut Surface<'_>, area: &Area, pixels: &Pixels) {
    let bytes: Vec<u8> = pixels.colors.iter().flat_map(|&(r, g, b)| [r, g, b]).collect();
    let bitmap = Bitmap { size: (pixels.columns as u32, pixels.rows as u32), bytes };
    let (image, size) = (Image::from_custom(bitmap, false), Size::from_wh(area.width as f32, area.height as f32));
    if let (Ok(image), Some(size)) = (image, size) {
        surface.push_transform(&Transform::from_translate(area.left as f32, area.top as f32));
        surface.draw_image(image, size);
        surface.pop();
    }
}

/// Red, green and blue of every pixel.
#[derive(Clone, Hash)]
struct Bitmap {
    size: (u32, u32),
    bytes: Vec<u8>,
}

impl CustomImage for Bitmap {
    fn color_channel(&self) -> &[u8] {
        &self.bytes
    }

    fn alpha_channel(&self) -> Option<&[u8]> {
        None
    }

    fn bits_per_component(&self) -> BitsPerComponent {
        BitsPerComponent::Eight
    }

    fn size(&self) -> (u32, u32) {
        self.size
    }

    fn icc_profile(&self) -> Option<&[u8]> {
        None
    }

    fn color_space(&self) -> ImageColorspace {
        ImageColorspace::Rgb
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::palette::{BLUE, VERMILLION};

    #[test]
    fn a_page_has_its_size_and_the_same_bytes_twice() {
        let mut figure = Figure::new("τ & <b>", 300.0, 200.0);
        figure.text((150.0, 20.0), Text::new("τ ≤ 20 ms").middle());
        figure.text((20.0, 100.0), Text::new("upwards").bold().upwards());
        figure.line(vec![(0.0, 30.0), (60.0, 40.0)], BLUE, 1.5);
        figure.polygon(vec![(0.0, 30.0), (60.0, 40.0), (9.0, 9.0)], BLUE, 0.5);
        figure.marks(vec![(10.0, 50.0), (20.0, 50.0)], VERMILLION, (1.0, 4.0));
        figure.picture(Area::new(100.0, 40.0, 20.0, 20.0), Pixels::filled(2, 2, BLUE));
        let print = Print { width: 240.0, height: 160.0, columns: 1, rows: 1, dpi: 72.0 };
        let bytes = pdf(&figure, &print).unwrap();
        assert!(bytes.starts_with(b"%PDF-1."));
        let text = String::from_utf8_lossy(&bytes);
        assert!(text.contains("/MediaBox [0 0 240 160]") || text.contains("/MediaBox[0 0 240 160]"), "{text:.2000}");
        assert!(text.contains("DejaVuSans") && text.contains("/ToUnicode"));
        assert_eq!(pdf(&figure, &print).unwrap(), bytes);
    }
}

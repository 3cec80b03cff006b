//! A figure as a list of shapes. Every figure of twinfire is such a list; `render` turns it
//! into PNG or SVG. Coordinates are pixels of a screen, from the top left corner.

use super::font;
use super::palette::{Color, INK};

/// A point: pixels to the right, pixels down.
pub type Point = (f64, f64);

/// A drawing of fixed size.
#[derive(Debug, Clone)]
pub struct Figure {
    /// What it shows, in a sentence: for readers who cannot see it.
    pub title: String,
    pub width: f64,
    pub height: f64,
    /// The words below which pages fold it away; `None` where they show it.
    pub folded: Option<String>,
    pub(super) shapes: Vec<Shape>,
}

/// A rectangle.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Area {
    pub left: f64,
    pub top: f64,
    pub width: f64,
    pub height: f64,
}

impl Area {
    pub fn new(left: f64, top: f64, width: f64, height: f64) -> Self {
        Self { left, top, width, height }
    }

    pub fn right(&self) -> f64 {
        self.left + self.width
    }

    pub fn bottom(&self) -> f64 {
        self.top + self.height
    }

    pub fn middle(&self) -> Point {
        (self.left + self.width / 2.0, self.top + self.height / 2.0)
    }

    /// `at`, or the place nearest to it where a mark of this width and height lies within the area.
    pub fn hold(&self, (x, y): Point, (width, height): (f64, f64)) -> Point {
        let within = |value: f64, (from, length): (f64, f64), size: f64| {
            let half = size.min(length) / 2.0;
            value.min(from + length - half).max(from + half)
        };
        (within(x, (self.left, self.width), width), within(y, (self.top, self.height), height))
    }
}

/// Pixels in rows, from the top left.
#[derive(Debug, Clone)]
pub struct Pixels {
    pub columns: usize,
    pub rows: usize,
    pub colors: Vec<Color>,
}

impl Pixels {
    /// All of one colour; at least one pixel.
    pub fn filled(columns: usize, rows: usize, color: Color) -> Self {
        let (columns, rows) = (columns.max(1), rows.max(1));
        Self { columns, rows, colors: vec![color; columns * rows] }
    }

    pub fn set(&mut self, column: usize, row: usize, color: Color) {
        if column < self.columns && row < self.rows {
            self.colors[row * self.columns + column] = color;
        }
    }
}

/// On which side of its point a text stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Anchor {
    Start,
    Middle,
    End,
}

/// A line of text, vertically centred on its point.
#[derive(Debug, Clone)]
pub struct Text {
    pub(super) text: String,
    pub(super) size: f64,
    pub(super) bold: bool,
    pub(super) color: Color,
    pub(super) anchor: Anchor,
    pub(super) upwards: bool,
    /// All of it, where `text` was cut.
    pub(super) whole: Option<String>,
}

impl Text {
    /// 12 pixels, in ink, to the right of its point.
    pub fn new(text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            size: 12.0,
            bold: false,
            color: INK,
            anchor: Anchor::Start,
            upwards: false,
            whole: None,
        }
    }

    pub fn size(self, size: f64) -> Self {
        Self { size, ..self }
    }

    pub fn bold(self) -> Self {
        Self { bold: true, ..self }
    }

    pub fn color(self, color: Color) -> Self {
        Self { color, ..self }
    }

    pub fn anchor(self, anchor: Anchor) -> Self {
        Self { anchor, ..self }
    }

    pub fn middle(self) -> Self {
        self.anchor(Anchor::Middle)
    }

    pub fn end(self) -> Self {
        self.anchor(Anchor::End)
    }

    /// Cut with an ellipsis where it is wider than `room` pixels; viewers show all of it below the pointer.
    pub fn fit(self, room: f64) -> Self {
        let cut = font::fit(&self.text, self.size, self.bold, room);
        let whole = (cut != self.text).then(|| self.text.clone()).or(self.whole);
        Self { text: cut, whole, ..self }
    }

    /// Pixels from its first letter to its last.
    pub fn width(&self) -> f64 {
        font::width(&self.text, self.size, self.bold)
    }

    /// Reads from bottom to top.
    pub fn upwards(self) -> Self {
        Self { upwards: true, ..self }
    }
}

/// What figures are made of.
#[derive(Debug, Clone)]
pub(super) enum Shape {
    Line { points: Vec<Point>, color: Color, width: f64 },
    Polygon { points: Vec<Point>, color: Color, opacity: f64 },
    Text { at: Point, text: Text },
    Marks { at: Vec<Point>, color: Color, width: f64, height: f64 },
    Picture { area: Area, pixels: Pixels },
}

impl Figure {
    pub fn new(title: impl Into<String>, width: f64, height: f64) -> Self {
        Self { title: title.into(), width, height, folded: None, shapes: Vec::new() }
    }

    /// A polyline.
    pub fn line(&mut self, points: Vec<Point>, color: Color, width: f64) {
        self.shapes.push(Shape::Line { points, color, width });
    }

    /// A straight line cut into dashes.
    pub fn dashed(&mut self, from: Point, to: Point, color: Color) {
        let length = (to.0 - from.0).hypot(to.1 - from.1);
        let at = |distance: f64| {
            let share = (distance / length).min(1.0);
            (from.0 + (to.0 - from.0) * share, from.1 + (to.1 - from.1) * share)
        };
        let mut start = 0.0;
        while start < length {
            self.line(vec![at(start), at(start + 4.0)], color, 1.0);
            start += 8.0;
        }
    }

    pub fn rectangle(&mut self, area: Area, color: Color) {
        let (right, bottom) = (area.right(), area.bottom());
        let points = vec![(area.left, area.top), (right, area.top), (right, bottom), (area.left, bottom)];
        self.polygon(points, color, 1.0);
    }

    /// The outline of `area`.
    pub fn outline(&mut self, area: Area, color: Color) {
        let (right, bottom) = (area.right(), area.bottom());
        let start = (area.left, area.top);
        self.line(vec![start, (right, area.top), (right, bottom), (area.left, bottom), start], color, 1.0);
    }

    pub fn polygon(&mut self, points: Vec<Point>, color: Color, opacity: f64) {
        self.shapes.push(Shape::Polygon { points, color, opacity });
    }

    pub fn text(&mut self, at: Point, text: Text) {
        if !text.text.is_empty() {
            self.shapes.push(Shape::Text { at, text });
        }
    }

    /// Upright bars of one size, each centred on its point; round dots where the height is 0.
    /// Any number of them costs one element of SVG.
    pub fn marks(&mut self, at: Vec<Point>, color: Color, (width, height): (f64, f64)) {
        if !at.is_empty() {
            self.shapes.push(Shape::Marks { at, color, width, height });
        }
    }

    /// Pixels stretched over `area`.
    pub fn picture(&mut self, area: Area, pixels: Pixels) {
        self.shapes.push(Shape::Picture { area, pixels });
    }

    /// An arrow from left to right with its tip at `to`.
    pub fn arrow(&mut self, from: Point, to: Point, color: Color) {
        self.line(vec![from, (to.0 - 5.0, to.1)], color, 1.5);
        self.polygon(vec![to, (to.0 - 8.0, to.1 - 4.5), (to.0 - 8.0, to.1 + 4.5)], color, 1.0);
    }
}

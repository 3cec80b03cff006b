//! The one font of all figures: a subset of DejaVu Sans, embedded so that figures come out
//! the same on a machine without fonts.

use std::sync::OnceLock;

use plotters::style::{FontDesc, FontFamily, FontStyle, register_font};

/// The name in SVG files: viewers without DejaVu Sans fall back to its near twin Verdana.
pub const FAMILY: &str = "DejaVu Sans, Verdana, sans-serif";

/// Height of a line (ascent + descent) of DejaVu Sans, in em.
pub const LINE: f64 = 0.928 + 0.236;

/// Half the height of a capital letter, in em: how far the baseline lies below the middle.
pub const MIDDLE: f64 = 0.365;

/// The plain and the bold face.
pub const FACES: [&[u8]; 2] = [include_bytes!("fonts/DejaVuSans.ttf"), include_bytes!("fonts/DejaVuSans-Bold.ttf")];

/// Makes the font known to plotters. Cheap after the first call.
pub fn register() {
    static REGISTERED: OnceLock<()> = OnceLock::new();
    REGISTERED.get_or_init(|| {
        for (style, bytes) in [FontStyle::Normal, FontStyle::Bold].into_iter().zip(FACES) {
            assert!(register_font(FAMILY, style, bytes).is_ok(), "the embedded font is intact");
        }
    });
}

/// Width of `text` in pixels when set at `size` pixels per em.
pub fn width(text: &str, size: f64, bold: bool) -> f64 {
    register();
    let style = if bold { FontStyle::Bold } else { FontStyle::Normal };
    let measured = FontDesc::new(FontFamily::Name(FAMILY), 100.0 * LINE, style).box_size(text);
    f64::from(measured.map_or(0, |(width, _)| width)) * size / 100.0
}

/// `text`, cut with an ellipsis where it is wider than `room` pixels.
pub fn fit(text: &str, size: f64, bold: bool, room: f64) -> String {
    if width(text, size, bold) <= room {
        return text.to_string();
    }
    let letters: Vec<char> = text.chars().collect();
    let shorter = |kept: usize| letters[..kept].iter().collect::<String>().trim_end().to_string() + "…";
    // The longest that fits, by halving: names may have thousands of letters.
    let (mut fits, mut beyond) = (0, letters.len());
    while beyond - fits > 1 {
        let kept = (fits + beyond) / 2;
        if width(&shorter(kept), size, bold) <= room { fits = kept } else { beyond = kept }
    }
    if fits > 0 || width("…", size, bold) <= room { shorter(fits) } else { String::new() }
}

/// `text` in lines of at most `room` pixels, broken between words; a longer word is cut.
pub fn lines(text: &str, size: f64, bold: bool, room: f64) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        let joined = lines.last().map(|line| format!("{line} {word}")).filter(|line| width(line, size, bold) <= room);
        match (joined, lines.last_mut()) {
            (Some(joined), Some(line)) => *line = joined,
            _ => lines.push(fit(word, size, bold, room)),
        }
    }
    lines
}

/// Sentences in a line each where they fit, else all of them one after the other.
pub fn sentences(texts: &[&str], size: f64, room: f64) -> Vec<String> {
    match texts.iter().all(|text| width(text, size, false) <= room) {
        true => texts.iter().map(|text| text.to_string()).collect(),
        false => lines(&texts.join(" "), size, false, room),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_measured_and_cut() {
        let long = "a population with a very long name";
        assert!(width(long, 12.0, false) > 200.0 && width(long, 12.0, true) > width(long, 12.0, false));
        let cut = fit(long, 12.0, false, 100.0);
        assert!(cut.ends_with('…') && width(&cut, 12.0, false) <= 100.0, "{cut}");
        assert_eq!(fit("exc", 12.0, false, 100.0), "exc");
    }

    #[test]
    fn text_is_broken_between_words() {
        let broken = lines("a population with a very long name", 12.0, false, 100.0);
        assert!(broken.len() > 2 && broken.iter().all(|line| width(line, 12.0, false) <= 100.0), "{broken:?}");
        assert_eq!(broken.join(" "), "a population with a very long name");
        assert_eq!(lines("short", 12.0, false, 100.0), ["short"]);
    }

    #[test]
    fn the_subset_has_the_signs_of_the_field() {
        let missing = width("\u{4e2d}", 10.0, false);
        for sign in "µτσΔ±≤≥×·–—…²³⁻→←↓√∞≈".chars() {
            assert!(width(&sign.to_string(), 10.0, false) > 0.0, "{sign}");
        }
        assert!(missing > 0.0, "a box stands for what is missing");
    }
}

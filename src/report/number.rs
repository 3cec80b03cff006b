//! Numbers as people read them.

/// `12345.6` as `12,346`; from a million millions on as `1.2e12`.
pub fn count(value: f64) -> String {
    if value.abs() >= 1e12 {
        return format!("{value:.1e}").replace('-', "−");
    }
    let digits = format!("{:.0}", value.abs());
    let mut grouped = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    if value <= -0.5 { format!("−{grouped}") } else { grouped }
}

/// Three significant digits or whole numbers: `0.0123`, `4.56`, `78.9`, `1,234`.
pub fn short(value: f64) -> String {
    let size = value.abs();
    match () {
        () if !value.is_finite() => "–".to_string(),
        () if size == 0.0 => "0".to_string(),
        () if size >= 100.0 => count(value),
        () if size >= 10.0 => decimals(value, 1),
        () if size >= 1.0 => decimals(value, 2),
        () if size >= 0.001 => decimals(value, 2 - size.log10().floor() as i32),
        () => format!("{value:.1e}"),
    }
}

/// With so many decimals and a true minus sign, unless nothing but zeros is left.
pub fn decimals(value: f64, places: i32) -> String {
    let digits = format!("{value:.*}", places.max(0) as usize);
    if digits.contains(|digit: char| ('1'..='9').contains(&digit)) {
        digits.replace('-', "−")
    } else {
        digits.replace('-', "")
    }
}

/// A length of time given in ms: `0.5 ms`, `250 ms`, `1.5 s`, `100 s`.
pub fn time(ms: f64) -> String {
    let plain = |value: f64| {
        let digits = format!("{value:.6}");
        let digits = digits.trim_end_matches('0').trim_end_matches('.').replace('-', "−");
        if value.abs() >= 10_000.0 { count(value) } else { digits }
    };
    if ms.abs() >= 1000.0 { format!("{} s", plain(ms / 1000.0)) } else { format!("{} ms", plain(ms)) }
}

/// Joules given in picojoules: `12.3 nJ`.
pub fn energy(picojoules: f64) -> String {
    let units = [("mJ", 1e9), ("µJ", 1e6), ("nJ", 1e3), ("pJ", 1.0)];
    let (unit, factor) = units.into_iter().find(|(_, factor)| picojoules >= *factor).unwrap_or(("pJ", 1.0));
    format!("{} {unit}", short(picojoules / factor))
}

/// `"7"`, `"7 and 9"`, `"7, 8 and 9"`.
pub fn list(words: &[String]) -> String {
    match words {
        [] => String::new(),
        [one] => one.clone(),
        [start @ .., last] => format!("{} and {last}", start.join(", ")),
    }
}

/// As [`list`], of at most a dozen words: `a, b, … and 988 more`.
pub fn few(words: &[String]) -> String {
    const MOST: usize = 12;
    match words.len() > MOST {
        true => format!("{} and {} more", words[..MOST].join(", "), count((words.len() - MOST) as f64)),
        false => list(words),
    }
}

/// `1 seed`, `3 seeds`.
pub fn counted(number: usize, noun: &str) -> String {
    format!("{} {noun}{}", count(number as f64), if number == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_in_seconds_where_they_are_long() {
        let shown = [0.1, 2.5, 999.0, 1000.0, 1250.0, 100_000.0, 2e7].map(time);
        assert_eq!(shown, ["0.1 ms", "2.5 ms", "999 ms", "1 s", "1.25 s", "100 s", "20,000 s"]);
    }

    #[test]
    fn nothing_has_no_sign() {
        assert_eq!([decimals(-0.001, 2), decimals(-0.25, 1), decimals(-1.5, 2)], ["0.00", "−0.2", "−1.50"]);
    }

    #[test]
    fn numbers_read_well() {
        assert_eq!(
            [count(0.2), count(999.6), count(1_234_567.0), count(-1234.0)],
            ["0", "1,000", "1,234,567", "−1,234"]
        );
        assert_eq!([short(0.01234), short(4.567), short(78.91), short(0.0)], ["0.0123", "4.57", "78.9", "0"]);
        assert_eq!([energy(0.9), energy(1234.0), energy(4.6e6)], ["0.900 pJ", "1.23 nJ", "4.60 µJ"]);
        assert_eq!(list(&["a".into(), "b".into(), "c".into()]), "a, b and c");
        let many: Vec<String> = (0..1000).map(|i| i.to_string()).collect();
        assert!(few(&many).ends_with("10, 11 and 988 more") && few(&many[..3]) == "0, 1 and 2");
        assert_eq!(counted(1, "seed") + &counted(3, "seed"), "1 seed3 seeds");
    }
}

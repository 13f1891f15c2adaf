//! Fields that are numbers or truths also when a variable stands in them. All others stay text.

use crate::stack::tree::Value;

/// What a field should be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cast {
    /// A whole number, always decimal.
    Whole,
    /// Any number.
    Number,
    /// YAML 1.1's words for true and false.
    Truth,
}

/// Ways in the docker CLI's table; `*` is any key and `[]` any item.
const TABLE: &[(&str, Cast)] = &[
    ("services.*.configs.[].mode", Cast::Whole),
    ("services.*.secrets.[].mode", Cast::Whole),
    ("services.*.healthcheck.retries", Cast::Whole),
    ("services.*.healthcheck.disable", Cast::Truth),
    ("services.*.deploy.replicas", Cast::Whole),
    ("services.*.deploy.update_config.parallelism", Cast::Whole),
    ("services.*.deploy.update_config.max_failure_ratio", Cast::Number),
    ("services.*.deploy.rollback_config.parallelism", Cast::Whole),
    ("services.*.deploy.rollback_config.max_failure_ratio", Cast::Number),
    ("services.*.deploy.restart_policy.max_attempts", Cast::Whole),
    ("services.*.deploy.placement.max_replicas_per_node", Cast::Whole),
    ("services.*.ports.[].target", Cast::Whole),
    ("services.*.ports.[].published", Cast::Whole),
    ("services.*.ulimits.*", Cast::Whole),
    ("services.*.ulimits.*.hard", Cast::Whole),
    ("services.*.ulimits.*.soft", Cast::Whole),
    ("services.*.privileged", Cast::Truth),
    ("services.*.read_only", Cast::Truth),
    ("services.*.stdin_open", Cast::Truth),
    ("services.*.tty", Cast::Truth),
    ("services.*.volumes.[].read_only", Cast::Truth),
    ("services.*.volumes.[].volume.nocopy", Cast::Truth),
    ("networks.*.external", Cast::Truth),
    ("networks.*.internal", Cast::Truth),
    ("networks.*.attachable", Cast::Truth),
    ("volumes.*.external", Cast::Truth),
    ("secrets.*.external", Cast::Truth),
    ("configs.*.external", Cast::Truth),
];

/// What stands at a way, if it is not text.
pub fn wanted(dotted: &str) -> Option<Cast> {
    TABLE.iter().find(|(pattern, _)| fits(pattern, dotted)).map(|(_, cast)| *cast)
}

fn fits(pattern: &str, dotted: &str) -> bool {
    let mut found = dotted.split('.');
    pattern.split('.').all(|part| found.next().is_some_and(|name| part == "*" || part == name))
        && found.next().is_none()
}

impl Cast {
    /// The text as what it should be.
    pub fn read(self, text: &str) -> Option<Value> {
        match self {
            Self::Whole => whole(text).map(Value::Int),
            Self::Number => number(text).map(Value::Float),
            Self::Truth => truth(text).map(Value::Bool),
        }
    }

    /// What it is called.
    pub fn name(self) -> &'static str {
        match self {
            Self::Whole => "a whole number",
            Self::Number => "a number",
            Self::Truth => "true or false",
        }
    }

    /// One of them.
    pub fn example(self) -> &'static str {
        match self {
            Self::Whole => "1",
            Self::Number => "0.5",
            Self::Truth => "false",
        }
    }
}

fn whole(text: &str) -> Option<i64> {
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    if digits.is_empty() || !digits.bytes().all(|sign| sign.is_ascii_digit()) {
        return None;
    }
    text.parse().ok()
}

/// Underscores may stand between digits.
fn number(text: &str) -> Option<f64> {
    let bytes = text.as_bytes();
    let digit = |at: Option<usize>| at.and_then(|at| bytes.get(at)).is_some_and(u8::is_ascii_digit);
    let good = bytes.iter().enumerate().all(|(at, sign)| match sign {
        b'_' => digit(at.checked_sub(1)) && digit(Some(at + 1)),
        sign => sign.is_ascii_digit() || matches!(sign, b'+' | b'-' | b'.' | b'e' | b'E'),
    });
    if !good {
        return None;
    }
    text.replace('_', "").parse().ok().filter(|number: &f64| number.is_finite())
}

fn truth(text: &str) -> Option<bool> {
    match text.to_lowercase().as_str() {
        "y" | "yes" | "true" | "on" => Some(true),
        "n" | "no" | "false" | "off" => Some(false),
        _ => None,
    }
}

//! A rule of a router, read as Traefik reads it.

use crate::platform::mend;

/// What a rule can ask, for HTTP and for TCP.
const MATCHERS: [&str; 17] = [
    "ALPN",
    "ClientIP",
    "Header",
    "HeaderRegexp",
    "Headers",
    "HeadersRegexp",
    "Host",
    "HostHeader",
    "HostRegexp",
    "HostSNI",
    "HostSNIRegexp",
    "Method",
    "Path",
    "PathPrefix",
    "PathRegexp",
    "Query",
    "QueryRegexp",
];

/// What Traefik 3 calls otherwise.
const GONE: [(&str, &str); 4] = [
    ("Headers", "Header"),
    ("HeadersRegexp", "HeaderRegexp"),
    ("HostHeader", "Host"),
    ("HostHeaderRegexp", "HostRegexp"),
];

/// Which Traefik reads the rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Syntax {
    /// It is not known, or an older one.
    Either,
    /// The third, whose matchers take one value each.
    Third,
}

/// Reads a rule; if it is none, why and what to do.
pub fn check(rule: &str, syntax: Syntax) -> Result<(), (String, String)> {
    let mut depth = 0_i32;
    let mut rest = rule;
    // A matcher or a closing bracket came last, so an operator follows.
    let mut complete = false;
    let fault = |why: &str, mend: &str| Err((why.to_owned(), mend.to_owned()));
    loop {
        rest = rest.trim_start();
        let Some(sign) = rest.chars().next() else { break };
        let operator = ["&&", "||"].iter().find_map(|operator| rest.strip_prefix(operator));
        if complete {
            if let Some(after) = operator {
                (rest, complete) = (after, false);
            } else if let Some(after) = rest.strip_prefix(')').filter(|_| depth > 0) {
                (rest, depth) = (after, depth - 1);
            } else {
                return fault(
                    "an operator is missing, or a bracket closes that was never opened",
                    "join the parts with && or ||",
                );
            }
            continue;
        }
        if let Some(after) = rest.strip_prefix('(') {
            (rest, depth) = (after, depth + 1);
        } else if let Some(after) = rest.strip_prefix('!') {
            rest = after;
        } else if sign.is_ascii_alphabetic() {
            rest = matcher(rest, syntax)?;
            complete = true;
        } else {
            return fault("something stands where a matcher should", "write a rule such as Host(`name.example.test`)");
        }
    }
    match (complete, depth) {
        (true, 0) => Ok(()),
        (true, _) => fault("a bracket is never closed", "close it with `)`"),
        (false, _) => fault("it ends where a matcher should follow", "write a rule such as Host(`name.example.test`)"),
    }
}

/// The rest behind one matcher with its arguments.
fn matcher(text: &str, syntax: Syntax) -> Result<&str, (String, String)> {
    let (name, rest) = text.split_at(text.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(text.len()));
    if !MATCHERS.iter().any(|known| known.eq_ignore_ascii_case(name)) {
        return Err((format!("there is no matcher {name}"), mend(name, &MATCHERS)));
    }
    let third = syntax == Syntax::Third;
    if third && let Some(now) = GONE.iter().find(|(gone, _)| gone.eq_ignore_ascii_case(name)).map(|(_, now)| *now) {
        return Err((format!("Traefik 3 has no matcher {name}"), format!("write {now}")));
    }
    let most = if name.starts_with("Header") || name.starts_with("Query") { 2 } else { 1 };
    let mut count = 0;
    let quotes = || (format!("the value of {name} is not between backticks"), format!("write {name}(`value`)"));
    let mut rest = rest.trim_start().strip_prefix('(').ok_or_else(quotes)?;
    loop {
        rest = rest.trim_start();
        let quote = rest.chars().next().filter(|sign| matches!(sign, '`' | '"' | '\'')).ok_or_else(quotes)?;
        let (_, after) = rest
            .get(1..)
            .unwrap_or_default()
            .split_once(quote)
            .ok_or_else(|| ("a backtick is never closed".to_owned(), format!("write {name}(`value`)")))?;
        rest = after.trim_start();
        count += 1;
        if third && count > most {
            let (why, hint) =
                (format!("{name} takes {most} in Traefik 3"), format!("write {name}(`a`) || {name}(`b`)"));
            return Err((why, hint));
        }
        if let Some(after) = rest.strip_prefix(')') {
            return Ok(after);
        }
        rest = rest.strip_prefix(',').ok_or_else(quotes)?;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_are_read_as_traefik_reads_them() {
        for rule in [
            "Host(`a.example.test`)",
            "Host(`a`, `b`) && (PathPrefix(`/api`) || !Header(\"X\", 'y'))",
            "HostRegexp(`{sub:[a-z]+}.example.test`) && PathPrefix(`/`)",
            "HostSNI(`*`)",
            "Host(`${NAME}.example.test`)",
        ] {
            assert_eq!(check(rule, Syntax::Either), Ok(()), "{rule}");
        }
        for rule in [
            "",
            "Host(`a)",
            "Host(a)",
            "Host`a`",
            "Hots(`a`)",
            "Host(`a`) PathPrefix(`/`)",
            "Host(`a`) &&",
            "(Host(`a`)",
            "Host(`a`))",
            "&& Host(`a`)",
            "Host()",
            "Host(`a`,)",
        ] {
            assert!(check(rule, Syntax::Either).is_err(), "{rule}");
        }
    }

    #[test]
    fn what_was_written_for_an_older_one_is_told_beside_the_third() {
        for (rule, mend) in [
            ("Host(`a`, `b`)", "Host(`a`) || Host(`b`)"),
            ("Path(`/a`,`/b`)", "Path(`/a`) ||"),
            ("Headers(`X`, `y`)", "write Header"),
            ("HostHeader(`a`)", "write Host"),
        ] {
            assert_eq!(check(rule, Syntax::Either), Ok(()), "{rule}");
            let (_, hint) = check(rule, Syntax::Third).unwrap_err();
            assert!(hint.contains(mend.split('`').next().unwrap()), "{rule}: {hint}");
        }
        for rule in ["Host(`a`) || Host(`b`)", "Header(`X`, `y`) && Query(`q`)", "Query(`q`, `v`)"] {
            assert_eq!(check(rule, Syntax::Third), Ok(()), "{rule}");
        }
    }
}

//! Our own reading of SSH config files, for machines without `ssh`. What comes first wins, as with OpenSSH. It runs
//! nothing: a `Match exec` is taken as not holding, and that is told.

use std::collections::HashSet;
use std::net::IpAddr;
use std::path::{Path, PathBuf};

use super::expand::Names;
use super::line::{self, Line};
use super::{Options, glob};
use crate::ssh::pattern::{self, Match};
use crate::ssh::settings::Settings;
use crate::ssh::target::Target;

/// How deep files may include one another.
const DEPTH: usize = 16;
/// Options that add to one another instead of the first winning.
const ADDING: &[&str] = &["identityfile", "certificatefile"];
/// Options whose value is a time.
const TIMES: &[&str] = &["connecttimeout", "serveraliveinterval"];

/// What is known while reading.
struct Reader<'a> {
    settings: &'a Settings,
    target: &'a Target,
    options: Options,
    open: Vec<PathBuf>,
    told: HashSet<String>,
    /// The second time round, in which `Match final` holds.
    last: bool,
    wants_last: bool,
}

/// Where files that are included by a relative name lie.
#[derive(Clone, Copy)]
struct Place<'a> {
    folder: &'a Path,
    /// Stands in a block that does not hold: nothing in it can.
    dead: bool,
}

/// The options that apply, or what is wrong with the files.
pub fn options(settings: &Settings, target: &Target) -> Result<Options, String> {
    let mut reader = Reader {
        settings,
        target,
        options: Options::default(),
        open: Vec::new(),
        told: HashSet::new(),
        last: false,
        wants_last: false,
    };
    reader.said_on_the_line();
    reader.all()?;
    if reader.wants_last {
        reader.last = true;
        // By now the name is settled.
        let host = reader.host().replace('%', "%%");
        reader.options.list.insert(0, ("hostname".to_owned(), host));
        reader.all()?;
    }
    let host = reader.host();
    let list = &mut reader.options.list;
    list.retain(|(name, _)| name != "hostname");
    list.push(("hostname".to_owned(), host));
    Ok(reader.options)
}

impl Reader<'_> {
    fn said_on_the_line(&mut self) {
        let said = [("user", self.target.user.clone()), ("port", self.target.port.map(|port| port.to_string()))];
        let said = said.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?)));
        self.options.list.extend(said);
    }

    fn all(&mut self) -> Result<(), String> {
        let folder = self.settings.home.join(".ssh");
        match &self.settings.config {
            Some(file) => self.file(file, Place { folder: &folder, dead: false }, true),
            None => {
                self.file(&folder.join("config"), Place { folder: &folder, dead: false }, false)?;
                let machine = Path::new("/etc/ssh");
                self.file(&machine.join("ssh_config"), Place { folder: machine, dead: false }, false)
            }
        }
    }

    fn file(&mut self, file: &Path, place: Place<'_>, must: bool) -> Result<(), String> {
        let bytes = match std::fs::read(file) {
            Ok(bytes) => bytes,
            Err(error) if must => return Err(format!("{}: {error}", file.display())),
            Err(_) => return Ok(()),
        };
        if self.open.len() >= DEPTH || self.open.iter().any(|open| open == file) {
            return Err(format!("{} includes itself, or files include one another too deep", file.display()));
        }
        self.open.push(file.to_owned());
        let mut holds = !place.dead;
        for (at, text) in String::from_utf8_lossy(&bytes).lines().enumerate() {
            let where_ = format!("{}:{}", file.display(), at + 1);
            let Some(line) = line::parse(text).map_err(|why| format!("{where_}: {why}"))? else { continue };
            match line.name.as_str() {
                "host" => holds = !place.dead && self.is_for(&line),
                // Looked at even where nothing can hold, as it may ask for a second reading.
                "match" => holds = self.matches(&line, &where_)? && !place.dead,
                "include" => self.include(&line, Place { dead: !holds, ..place })?,
                _ if holds => self.take(line),
                _ => {}
            }
        }
        self.open.pop();
        Ok(())
    }

    fn take(&mut self, line: Line) {
        let Line { name, words } = line;
        let quoted = |word: &String| if word.contains([' ', '\t']) { format!("\"{word}\"") } else { word.clone() };
        let value = match (words.as_slice(), TIMES.contains(&name.as_str())) {
            ([], _) => return,
            // As good as not said.
            ([none], true) if none == "none" => return,
            ([time], true) => seconds(time).map_or_else(|| time.clone(), |seconds| seconds.to_string()),
            ([one], _) => one.clone(),
            (many, _) => many.iter().map(quoted).collect::<Vec<_>>().join(" "),
        };
        let list = &mut self.options.list;
        // Whichever of the two comes first rules the other out.
        let rival = match name.as_str() {
            "proxyjump" => Some("proxycommand"),
            "proxycommand" if list.iter().any(|(name, value)| name == "proxyjump" && value != "none") => {
                Some("proxyjump")
            }
            _ => None,
        };
        let known = |list: &[(String, String)], wanted: &str| list.iter().any(|(name, _)| name == wanted);
        let ruled_out = rival.is_some_and(|rival| known(list, rival));
        let adds = ADDING.contains(&name.as_str()) && !list.contains(&(name.clone(), value.clone()));
        if !ruled_out && (adds || !known(list, &name)) {
            list.push((name, value));
        }
    }

    fn is_for(&self, line: &Line) -> bool {
        // OpenSSH minds the case of letters here, and only here. The second time round it looks at the name to connect to,
        // in small letters unless that is an address.
        let host = match self.host() {
            _ if !self.last => self.target.host.clone(),
            address if address.parse::<IpAddr>().is_ok() => address,
            name => name.to_ascii_lowercase(),
        };
        let mut found = false;
        for pattern in &line.words {
            match pattern.strip_prefix('!') {
                Some(pattern) if pattern::glob(pattern, &host) => return false,
                Some(_) => {}
                None => found |= pattern::glob(pattern, &host),
            }
        }
        found
    }

    fn matches(&mut self, line: &Line, place: &str) -> Result<bool, String> {
        let mut words = line.words.iter();
        let mut holds = true;
        if line.words.is_empty() {
            return Err(format!("{place}: Match says nothing to match"));
        }
        while let Some(word) = words.next() {
            let (not, name) = match word.strip_prefix('!') {
                Some(name) => (true, name),
                None => (false, word.as_str()),
            };
            let holds_here = match name.to_lowercase().as_str() {
                "all" => true,
                "final" => {
                    self.wants_last = true;
                    self.last
                }
                // Asks for no second reading, and holds in the one that another asked for.
                "canonical" => self.last,
                criterion => {
                    let value = words.next().ok_or_else(|| format!("{place}: Match {criterion} says no value"))?;
                    self.criterion(criterion, value, place)?
                }
            };
            holds &= holds_here != not;
        }
        Ok(holds)
    }

    fn criterion(&mut self, name: &str, value: &str, place: &str) -> Result<bool, String> {
        let user = self.options.first("user").unwrap_or(&self.settings.user).to_owned();
        let is = |text: &str| pattern::list(value.split(','), text) == Match::Yes;
        Ok(match name {
            "host" => is(&self.host()),
            "originalhost" => is(&self.target.host),
            "user" => is(&user),
            "localuser" => is(&self.settings.user),
            "exec" | "localnetwork" | "tagged" => {
                if self.told.insert(place.to_owned()) {
                    self.options
                        .remarks
                        .push(format!("{place}: Match {name} is not looked at, and taken as not holding"));
                }
                false
            }
            _ => return Err(format!("{place}: Match {name} is not known")),
        })
    }

    /// The name to connect to, as far as it is known so far.
    fn host(&self) -> String {
        match self.options.first("hostname") {
            Some(name) => name.replace("%%", "\0").replace("%h", &self.target.host).replace('\0', "%"),
            None => self.target.host.clone(),
        }
    }

    fn include(&mut self, line: &Line, place: Place<'_>) -> Result<(), String> {
        for word in &line.words {
            let names = Names {
                host: &self.target.host,
                original: &self.target.host,
                port: 22,
                user: &self.settings.user,
                settings: self.settings,
            };
            let path = place.folder.join(names.path(word));
            for file in glob::files(&path) {
                self.file(&file, place, false)?;
            }
        }
        Ok(())
    }
}

/// A time such as `90`, `1m30` or `2h`.
fn seconds(text: &str) -> Option<u64> {
    let mut total = 0_u64;
    let mut number = String::new();
    for c in text.chars() {
        if c.is_ascii_digit() {
            number.push(c);
            continue;
        }
        let unit = match c.to_ascii_lowercase() {
            's' => 1,
            'm' => 60,
            'h' => 3600,
            'd' => 86400,
            'w' => 604_800,
            _ => return None,
        };
        total = total.checked_add(number.parse::<u64>().ok()?.checked_mul(unit)?)?;
        number.clear();
    }
    if number.is_empty() { (!text.is_empty()).then_some(total) } else { total.checked_add(number.parse().ok()?) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_as_openssh_reads_them() {
        for (text, is) in [("90", Some(90)), ("1m30", Some(90)), ("2h", Some(7200)), ("none", None), ("", None)] {
            assert_eq!(seconds(text), is, "{text}");
        }
    }
}

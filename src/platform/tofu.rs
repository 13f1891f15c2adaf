//! Virtual machines that OpenTofu makes, read from its files as far as drift needs them: literals of `module` blocks
//! and defaults of variables. Anything that must be computed stays unknown.

use std::collections::BTreeMap;
use std::path::Path;

use super::files::Files;
use super::page;
use crate::diag::{Finding, Spot};

/// Directories that such files lie in.
const DIRECTORIES: [&str; 3] = ["opentofu", "tofu", "terraform"];

/// A virtual machine.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Machine {
    /// The name of its module.
    pub module: String,
    /// Its name.
    pub hostname: Option<String>,
    /// Its number.
    pub id: Option<String>,
    /// Its address, without the length of its network.
    pub address: Option<(String, Spot)>,
    /// Its MAC address.
    pub mac: Option<(String, Spot)>,
    /// Where its module begins.
    pub spot: Spot,
}

/// A block such as `module "x" { … }` with the assignments directly in it.
struct Block {
    kind: String,
    name: String,
    spot: Spot,
    values: BTreeMap<String, (String, Spot)>,
}

/// The machines of the folder.
pub fn read(files: &Files, findings: &mut Vec<Finding>) -> Vec<Machine> {
    let mut found = Vec::new();
    for dir in DIRECTORIES {
        for path in files.under(Path::new(dir)).iter().filter(|path| path.extension().is_some_and(|end| end == "tf")) {
            if let Some((spot, text)) = page::open(files, path, findings) {
                found.extend(blocks(&spot, &text));
            }
        }
    }
    let defaults: BTreeMap<&str, &(String, Spot)> = found
        .iter()
        .filter(|block| block.kind == "variable")
        .filter_map(|block| Some((block.name.as_str(), block.values.get("default")?)))
        .collect();
    let value = |block: &Block, key: &str| -> Option<(String, Spot)> {
        let (text, spot) = block.values.get(key)?;
        match text.strip_prefix("var.") {
            Some(name) => defaults.get(name).and_then(|(text, spot)| Some((literal(text)?, spot.clone()))),
            None => Some((literal(text)?, spot.clone())),
        }
    };
    found
        .iter()
        .filter(|block| {
            block.kind == "module" && (block.values.contains_key("vm_id") || block.values.contains_key("vm_mac"))
        })
        .map(|block| Machine {
            module: block.name.clone(),
            hostname: value(block, "hostname").map(|(name, _)| name),
            id: value(block, "vm_id").map(|(id, _)| id),
            address: value(block, "vm_ip")
                .map(|(ip, spot)| (ip.split('/').next().unwrap_or_default().to_owned(), spot)),
            mac: value(block, "vm_mac"),
            spot: block.spot.clone(),
        })
        .collect()
}

/// A number, or a text in quotes in which nothing is put in.
fn literal(text: &str) -> Option<String> {
    match text.strip_prefix('"').and_then(|text| text.strip_suffix('"')) {
        Some(inner) if !inner.contains("${") && !inner.contains('"') => Some(inner.to_owned()),
        Some(_) => None,
        None => text.parse::<f64>().ok().map(|_| text.to_owned()),
    }
}

fn blocks(spot: &Spot, text: &str) -> Vec<Block> {
    let mut found: Vec<Block> = Vec::new();
    let mut depth = 0_i32;
    for (at, line) in text.lines().enumerate() {
        let line = uncommented(line);
        let trimmed = line.trim();
        let column = line.chars().take_while(|c| c.is_whitespace()).count() + 1;
        let spot = spot.line(u32::try_from(at + 1).unwrap_or_default(), u32::try_from(column).unwrap_or(1));
        if depth == 0
            && let Some(head) = trimmed.split_once('{').map(|(head, _)| head.trim())
        {
            let (kind, name) = head.split_once(' ').unwrap_or((head, ""));
            let name = name.trim().trim_matches('"').to_owned();
            found.push(Block { kind: kind.to_owned(), name, spot: spot.clone(), values: BTreeMap::new() });
            // `variable "x" { default = 1 }` on one line.
            if let Some(inner) = trimmed.split_once('{').and_then(|(_, rest)| rest.strip_suffix('}')) {
                assign(&mut found, inner, &spot);
            }
        } else if depth == 1 {
            assign(&mut found, trimmed, &spot);
        }
        depth += braces(line);
    }
    found
}

fn assign(found: &mut [Block], line: &str, spot: &Spot) {
    if let (Some(block), Some((key, value))) = (found.last_mut(), line.split_once('=')) {
        block.values.insert(key.trim().to_owned(), (value.trim().to_owned(), spot.clone()));
    }
}

/// A line without its comment; a sign in quotes begins none.
fn uncommented(line: &str) -> &str {
    let mut quoted = false;
    let mut before = ' ';
    for (at, c) in line.char_indices() {
        match c {
            '"' if before != '\\' => quoted = !quoted,
            '#' if !quoted => return line.get(..at).unwrap_or(line),
            '/' if !quoted && before == '/' => return line.get(..at - 1).unwrap_or(line),
            _ => {}
        }
        before = c;
    }
    line
}

/// How many braces a line opens more than it closes, those in quotes left out.
fn braces(line: &str) -> i32 {
    let outside = line.split('"').step_by(2);
    outside.flat_map(str::chars).map(|c| i32::from(c == '{') - i32::from(c == '}')).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn machines_are_read_with_the_defaults_of_their_variables() {
        let main = "terraform {\n  required_version = \">= 1.6\"\n}\n\nmodule \"ching\" {\n  source   = \"./modules/vm\" # a // comment\n  hostname = \"ching\"\n  vm_id    = 101\n  vm_ip    = \"192.0.2.11/24\"\n  vm_mac   = var.ching_mac\n  disk {\n    vm_id = 7\n  }\n}\n\nmodule \"angre\" {\n  hostname = \"${local.x}\"\n  vm_id    = 102\n  vm_mac   = var.unknown\n}\nmodule \"net\" { source = \"./net\" }\n";
        let variables = "variable \"ching_mac\" {\n  type    = string\n  default = \"00:00:5e:00:53:01\"\n}\n";
        let files = Files::of(&[], &[("opentofu/main.tf", main), ("opentofu/variables.tf", variables)]);
        let machines = read(&files, &mut Vec::new());
        let [ching, angre] = machines.as_slice() else { panic!("two machines, not {machines:?}") };
        assert_eq!((ching.hostname.as_deref(), ching.id.as_deref()), (Some("ching"), Some("101")));
        assert_eq!(ching.address.as_ref().unwrap().0, "192.0.2.11");
        assert_eq!(ching.mac.as_ref().unwrap().1.to_string(), "opentofu/variables.tf:3:3");
        assert_eq!((&angre.hostname, &angre.mac, angre.spot.line), (&None, &None, 16));
    }
}

//! Query parameters and the `filters` object, in both forms clients send it.

use serde_json::Value;

use crate::sim::world::refusal::{Answer, Refusal};

/// The parameters of one call.
#[derive(Debug, Default)]
pub(crate) struct Query(Vec<(String, String)>);

impl Query {
    pub(crate) fn parse(text: &str) -> Self {
        let pairs = text.split('&').filter(|p| !p.is_empty()).map(|pair| {
            let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
            (decode(key), decode(value))
        });
        Self(pairs.collect())
    }

    pub(crate) fn get(&self, key: &str) -> Option<&str> {
        self.0.iter().find(|(k, _)| k == key).map(|(_, v)| v.as_str())
    }

    /// Whether a parameter is set, as the engine reads booleans.
    pub(crate) fn flag(&self, key: &str) -> bool {
        !matches!(self.get(key).unwrap_or("").trim().to_ascii_lowercase().as_str(), "" | "0" | "no" | "false" | "none")
    }

    /// The filters, refused if one is not known here.
    pub(crate) fn filters(&self, known: &[&str]) -> Answer<Filters> {
        let filters = self.any_filters()?;
        match filters.0.iter().find(|(key, _)| !known.contains(&key.as_str())) {
            Some((key, _)) => Err(Refusal::bad(format!("invalid filter '{key}'"))),
            None => Ok(filters),
        }
    }

    /// The filters, whatever they are called.
    pub(crate) fn any_filters(&self) -> Answer<Filters> {
        let text = self.get("filters").unwrap_or("");
        if text.is_empty() {
            return Ok(Filters::default());
        }
        let value: Value = serde_json::from_str(text).map_err(|_| Refusal::bad("invalid filter"))?;
        let Some(map) = value.as_object() else { return Err(Refusal::bad("invalid filter")) };
        let mut all = Vec::new();
        for (key, wanted) in map {
            let values = match wanted {
                Value::Object(set) => {
                    set.iter().filter(|(_, on)| on.as_bool() != Some(false)).map(|(v, _)| v.clone()).collect()
                }
                Value::Array(list) => list.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
                _ => return Err(Refusal::bad("invalid filter")),
            };
            all.push((key.clone(), values));
        }
        Ok(Filters(all))
    }
}

/// Filters of a list call: all kinds must hold, of each kind one value (of labels every one).
#[derive(Debug, Default)]
pub(crate) struct Filters(Vec<(String, Vec<String>)>);

impl Filters {
    pub(crate) fn values(&self, key: &str) -> Option<&[String]> {
        self.0.iter().find(|(k, v)| k == key && !v.is_empty()).map(|(_, v)| v.as_slice())
    }

    /// Whether no filter of this kind stands, or one of its values is accepted.
    pub(crate) fn any(&self, key: &str, accepts: impl Fn(&str) -> bool) -> bool {
        self.values(key).is_none_or(|values| values.iter().any(|v| accepts(v)))
    }

    /// Whether every label asked for is there.
    pub(crate) fn labels<'a>(&self, key: &str, label: impl Fn(&str) -> Option<&'a str>) -> bool {
        self.values(key).is_none_or(|values| {
            values.iter().all(|wanted| match wanted.split_once('=') {
                Some((key, value)) => label(key) == Some(value),
                None => label(wanted).is_some(),
            })
        })
    }
}

/// Undoes percent encoding, and `+` for a space.
pub(crate) fn decode(text: &str) -> String {
    let mut out = Vec::with_capacity(text.len());
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        match byte {
            b'%' => {
                let pair: Vec<u8> = bytes.by_ref().take(2).collect();
                let code = std::str::from_utf8(&pair).ok().and_then(|hex| u8::from_str_radix(hex, 16).ok());
                out.push(code.unwrap_or(b'%'));
            }
            b'+' => out.push(b' '),
            other => out.push(other),
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn filters_are_read_in_both_forms() {
        for text in ["filters=%7B%22name%22%3A%7B%22web%22%3Atrue%7D%7D", "filters={\"name\":[\"web\"]}"] {
            let filters = Query::parse(text).filters(&["name"]).unwrap();
            assert_eq!(filters.values("name").unwrap(), ["web".to_owned()]);
        }
    }

    #[test]
    fn an_unknown_filter_is_refused() {
        let refusal = Query::parse("filters={\"shape\":[\"round\"]}").filters(&["name"]).unwrap_err();
        assert_eq!(refusal.message, "invalid filter 'shape'");
    }
}

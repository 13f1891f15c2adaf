//! The file format as the docker CLI takes it: which keys may stand where, since when, and what they lead to.
//! Written from observation of the CLI, version by version. Services have a file of their own.

use super::kind::{Key, Kind, Names, Object, Type};
use super::service::SERVICE;

/// A key that was always there.
pub const fn key(name: &'static str, kind: Kind) -> Key {
    Key { name, since: 0, kind }
}

/// A key that came later.
pub const fn since(since: u8, name: &'static str, kind: Kind) -> Key {
    Key { name, since, kind }
}

/// A mapping that takes no other keys.
pub const fn closed(keys: &'static [Key]) -> Object {
    Object { keys, extensions: None, open: None, required: &[] }
}

/// A mapping that takes `x-` keys since a version.
pub const fn extensible(keys: &'static [Key], since: u8) -> Object {
    Object { keys, extensions: Some(since), open: None, required: &[] }
}

/// A mapping that takes other keys since a version.
pub const fn open(keys: &'static [Key], since: u8) -> Object {
    Object { keys, extensions: None, open: Some(since), required: &[] }
}

/// Text.
pub const TEXT: Kind = Kind::One(&[Type::Text]);
/// A whole number.
pub const WHOLE: Kind = Kind::One(&[Type::Whole]);
/// A number.
pub const NUMBER: Kind = Kind::One(&[Type::Number]);
/// True or false.
pub const TRUTH: Kind = Kind::One(&[Type::Truth]);
/// Nothing.
pub const NULL: Kind = Kind::One(&[Type::Null]);
/// Texts, each once.
pub const TEXTS: Kind = Kind::Set(&TEXT);
/// A text or several.
pub const TEXT_OR_TEXTS: Kind = Kind::Either(&[TEXT, TEXTS]);
/// `key: value` or `- key=value`.
pub const PAIRS: Kind =
    Kind::Either(&[Kind::Named(Names::Some, &Kind::One(&[Type::Printed, Type::Number, Type::Null])), TEXTS]);
/// Options of a driver.
pub const OPTIONS: Kind = Kind::Named(Names::LaxSome, &Kind::One(&[Type::Printed, Type::Number]));

/// The whole file.
pub const FILE: Kind = Kind::Object(&extensible(
    &[
        key("version", Kind::Any),
        key("services", Kind::Named(Names::Strict, &Kind::Object(&SERVICE))),
        key("networks", Kind::Named(Names::Lax, &Kind::Either(&[Kind::Object(&NETWORK), NULL]))),
        key("volumes", Kind::Named(Names::Strict, &Kind::Either(&[Kind::Object(&VOLUME), NULL]))),
        since(1, "secrets", Kind::Named(Names::Strict, &Kind::Object(&SECRET))),
        since(3, "configs", Kind::Named(Names::Strict, &Kind::Object(&CONFIG))),
        // One of our extensions.
        key("name", TEXT),
    ],
    4,
));

const NETWORK: Object = extensible(
    &[
        since(5, "name", TEXT),
        key("driver", TEXT),
        key("driver_opts", OPTIONS),
        key(
            "ipam",
            Kind::Object(&closed(&[
                key("driver", TEXT),
                key("config", Kind::List(&Kind::Object(&closed(&[key("subnet", TEXT)])))),
            ])),
        ),
        key("external", Kind::Either(&[TRUTH, Kind::Object(&closed(&[key("name", TEXT)]))])),
        key("internal", TRUTH),
        since(2, "attachable", TRUTH),
        key("labels", PAIRS),
    ],
    7,
);

const VOLUME: Object = extensible(
    &[
        since(4, "name", TEXT),
        key("driver", TEXT),
        key("driver_opts", OPTIONS),
        key("external", Kind::Either(&[TRUTH, Kind::Object(&closed(&[key("name", TEXT)]))])),
        key("labels", PAIRS),
        since(12, "x-cluster-spec", Kind::Named(Names::LaxSome, &Kind::Any)),
    ],
    7,
);

const EXTERNAL: Kind = Kind::Either(&[TRUTH, Kind::Object(&open(&[key("name", TEXT)], 0))]);

const SECRET: Object = extensible(
    &[
        since(5, "name", TEXT),
        key("file", TEXT),
        key("external", EXTERNAL),
        key("labels", PAIRS),
        since(8, "driver", TEXT),
        since(8, "driver_opts", OPTIONS),
        since(8, "template_driver", TEXT),
    ],
    7,
);

const CONFIG: Object = extensible(
    &[
        since(5, "name", TEXT),
        key("file", TEXT),
        key("external", EXTERNAL),
        key("labels", PAIRS),
        since(8, "template_driver", TEXT),
    ],
    7,
);

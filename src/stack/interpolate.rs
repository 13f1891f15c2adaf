//! Variables in values.

use super::place::Place;

/// A use of a variable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Variable {
    /// Its name.
    pub name: String,
    /// Where its `$` stands.
    pub place: Place,
    /// The value that it stands in, as `services.web.image`.
    pub path: String,
    /// The file says what it is if it is not set.
    pub has_default: bool,
    /// The file says that it must be set.
    pub required: bool,
}

//! Ids and dice: the same seed gives the same swarm. Must never ask the machine for randomness.

/// A small deterministic generator (SplitMix64).
#[derive(Debug, Clone)]
pub(crate) struct Rng(u64);

const BASE36: &[u8; 36] = b"0123456789abcdefghijklmnopqrstuvwxyz";
const HEX: &[u8; 16] = b"0123456789abcdef";

impl Rng {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed ^ 0x9e37_79b9_7f4a_7c15)
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number from `low` to `high`, both possible.
    pub(crate) fn between(&mut self, low: u64, high: u64) -> u64 {
        let span = high.saturating_sub(low).saturating_add(1).max(1);
        low + self.next() % span
    }

    /// One of these, unless there is none.
    pub(crate) fn pick<'a, T>(&mut self, of: &'a [T]) -> Option<&'a T> {
        let at = self.between(0, of.len().saturating_sub(1) as u64);
        of.get(usize::try_from(at).unwrap_or(0))
    }

    /// An id as swarm makes them: 25 of 0-9a-z.
    pub(crate) fn id(&mut self) -> String {
        self.letters(BASE36, 25)
    }

    /// Lower-case hexadecimal digits: containers, digests, bridge networks.
    pub(crate) fn hex(&mut self, length: usize) -> String {
        self.letters(HEX, length)
    }

    fn letters(&mut self, of: &[u8], length: usize) -> String {
        (0..length).filter_map(|_| self.pick(of).map(|b| char::from(*b))).collect()
    }
}

/// 64 hexadecimal digits that depend on the text alone: what a registry answers for a tag.
pub(crate) fn digest(text: &str) -> String {
    let seed = text
        .bytes()
        .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3));
    format!("sha256:{}", Rng::new(seed).hex(64))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_gives_the_same_ids() {
        assert_eq!(Rng::new(7).id(), Rng::new(7).id());
        assert_ne!(Rng::new(7).id(), Rng::new(8).id());
        assert_eq!(Rng::new(7).id().len(), 25);
    }

    #[test]
    fn a_digest_depends_on_the_tag_alone() {
        assert_eq!(digest("nginx:1.27"), digest("nginx:1.27"));
        assert_ne!(digest("nginx:1.27"), digest("nginx:1.28"));
    }
}

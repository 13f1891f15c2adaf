//! Output and errors of a command without a terminal, taken out of their frames byte for byte.

use std::collections::VecDeque;

/// One byte for the stream, three that mean nothing, four for the length.
const HEADER: usize = 8;
/// The stream of errors.
const ERRORS: u8 = 2;

/// Bytes that a command said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Piece {
    /// The bytes, as they were said.
    pub bytes: Vec<u8>,
    /// They went to standard error.
    pub is_error: bool,
}

/// Frames that come in pieces.
#[derive(Debug, Default)]
pub(super) struct Frames {
    header: Vec<u8>,
    /// The stream of the frame that is being read, and how much of it is left.
    open: Option<(u8, usize)>,
    ready: VecDeque<Piece>,
}

impl Frames {
    /// Takes bytes as they come.
    pub(super) fn push(&mut self, mut bytes: &[u8]) {
        while !bytes.is_empty() {
            let Some((stream, left)) = self.open else {
                let (head, rest) = bytes.split_at(bytes.len().min(HEADER - self.header.len()));
                self.header.extend_from_slice(head);
                bytes = rest;
                if let [stream, _, _, _, a, b, c, d] = *self.header.as_slice() {
                    let length = u32::from_be_bytes([a, b, c, d]) as usize;
                    self.header.clear();
                    self.open = (length > 0).then_some((stream, length));
                }
                continue;
            };
            let (part, rest) = bytes.split_at(bytes.len().min(left));
            self.ready.push_back(Piece { bytes: part.to_vec(), is_error: stream == ERRORS });
            self.open = (left > part.len()).then_some((stream, left - part.len()));
            bytes = rest;
        }
    }

    /// The next piece that is there.
    pub(super) fn next(&mut self) -> Option<Piece> {
        self.ready.pop_front()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_come_out_whole_wherever_they_were_cut() {
        let sent =
            [&[1, 0, 0, 0, 0, 0, 0, 3][..], b"out", &[2, 0, 0, 0, 0, 0, 0, 0], &[2, 0, 0, 0, 0, 0, 0, 5], b"error"]
                .concat();
        for cut in 1..=sent.len() {
            let mut frames = Frames::default();
            sent.chunks(cut).for_each(|part| frames.push(part));
            let (mut out, mut errors) = (Vec::new(), Vec::new());
            while let Some(piece) = frames.next() {
                if piece.is_error { errors.extend(piece.bytes) } else { out.extend(piece.bytes) }
            }
            assert_eq!((out.as_slice(), errors.as_slice()), (&b"out"[..], &b"error"[..]), "cut at {cut}");
        }
    }
}

//! Cutting a text into elements without reading them, so that several threads can read one file. Where an
//! element ends does not depend on what it says: cut first and read later comes to the same as reading at once.

use super::frame::{MAX_DEPTH, Take, Taken, split};
use super::json::Members;
use super::lex::{NoEnd, value_end};
use super::order::Order;
use super::{Broken, Decoder, Record, Reject, Taking, look_alike};
use crate::archive::Text;

/// Some neighbouring elements of a text, cut out and not yet read.
#[derive(Default)]
pub struct Piece {
    text: Vec<u8>,
    elements: Vec<Element>,
}

struct Element {
    /// Which of the values of the file it is, from 0.
    place: u64,
    /// Where it ends in the piece; it begins where the one before ends.
    end: usize,
}

impl Piece {
    /// The elements as they stand in the text, each with its place in the file.
    pub fn elements(&self) -> impl Iterator<Item = (u64, &[u8])> {
        let mut start = 0;
        self.elements.iter().map(move |Element { place, end }| {
            let element = self.text.get(start..*end).unwrap_or_default();
            start = *end;
            (*place, element)
        })
    }
}

/// What a text is cut into.
pub enum Cut {
    /// Elements.
    Piece(Piece),
    /// A value that is no element, and is counted between them.
    Rejected(Reject),
}

/// Bytes after which a piece is full: enough that handing it over does not matter.
const PIECE: usize = 64 << 10;

impl Decoder {
    /// Cuts a text into elements, and hands them over in pieces. Answers as [`Decoder::records_of`] does.
    pub fn pieces_of<T: Text + ?Sized>(&mut self, text: &mut T, each: impl FnMut(Cut)) -> Result<(), Broken> {
        let mut cutting = Cutting { order: &mut self.order, piece: Piece::default(), seen: 0, each };
        let broken = split(text, &mut cutting);
        cutting.hand_over();
        broken
    }

    /// Calls `each` for every element of a piece with its place in the file: with the record, or with why it
    /// is none.
    pub fn records_in(&mut self, piece: &Piece, mut each: impl FnMut(u64, Result<Record<'_>, Reject>)) {
        for (place, element) in piece.elements() {
            let each = |record: Result<Record<'_>, Reject>| each(place, record);
            let mut taking = Taking { order: &mut self.order, strict: self.strict.as_deref_mut(), each };
            // An element that ends too early for what it has begun to say is broken inside.
            if taking.object(element, 0, false).is_err() {
                let too_deep = value_end(element, 0, MAX_DEPTH).is_ok_and(|end| end.too_deep);
                taking.reject(if too_deep { Reject::TooDeep } else { Reject::InvalidJson });
            }
        }
    }
}

struct Cutting<'d, F> {
    order: &'d mut Order,
    piece: Piece,
    seen: u64,
    each: F,
}

impl<F: FnMut(Cut)> Cutting<'_, F> {
    fn cut(&mut self, element: &[u8]) {
        self.piece.text.extend_from_slice(element);
        self.piece.elements.push(Element { place: self.seen, end: self.piece.text.len() });
        self.seen += 1;
        if self.piece.text.len() >= PIECE {
            self.hand_over();
        }
    }

    fn hand_over(&mut self) {
        if self.piece.elements.is_empty() {
            return;
        }
        // The next piece will hold about as much.
        let (text, elements) = (self.piece.text.len(), self.piece.elements.len());
        let next = Piece { text: Vec::with_capacity(text + text / 8), elements: Vec::with_capacity(elements + 8) };
        (self.each)(Cut::Piece(std::mem::replace(&mut self.piece, next)));
    }
}

impl<F: FnMut(Cut)> Take for Cutting<'_, F> {
    fn object(&mut self, bytes: &[u8], start: usize, may_be_envelope: bool) -> Result<Taken, NoEnd> {
        let end = if may_be_envelope {
            // Its keys tell whether it is one; it has to be sound as far as records are read.
            let mut members = Members::of(bytes, start, MAX_DEPTH - 1);
            self.order.begin();
            while let Some((key, at)) = self.order.next_key(bytes, &mut members)? {
                if key.is_list && bytes.get(at) == Some(&b'[') {
                    return Ok(Taken::List(at));
                }
                members.value(at)?;
            }
            members.at()
        } else {
            value_end(bytes, start, MAX_DEPTH)?.at
        };
        self.cut(bytes.get(start..end).unwrap_or_default());
        Ok(Taken::Whole(end))
    }

    fn reject(&mut self, reject: Reject) {
        self.seen += 1;
        (self.each)(Cut::Rejected(reject));
    }

    fn look_alike(&self, bytes: &[u8], start: usize) -> Option<Reject> {
        look_alike(bytes, start)
    }
}

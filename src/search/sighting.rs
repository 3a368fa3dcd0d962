use super::spill::Spill;
use crate::event::EventId;

/// An event that was found, and what it was counted under.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Sighting {
    pub(super) id: EventId,
    /// The digest of a leaf; nothing where none is meant.
    pub(super) leaf: [u64; 2],
}

impl Spill for Sighting {
    fn write(&self, out: &mut Vec<u8>) {
        let [high, low] = self.id.id;
        let [leaf, rest] = self.leaf;
        for number in [high, low, self.id.account, leaf, rest] {
            out.extend(number.to_le_bytes());
        }
    }

    fn read(bytes: &[u8]) -> Option<Self> {
        let (numbers, _) = bytes.as_chunks::<8>();
        let [high, low, account, leaf, rest] = *numbers else { return None };
        let [high, low, account, leaf, rest] = [high, low, account, leaf, rest].map(u64::from_le_bytes);
        Some(Self { id: EventId { id: [high, low], account }, leaf: [leaf, rest] })
    }

    fn size(&self) -> usize {
        size_of::<Self>()
    }
}

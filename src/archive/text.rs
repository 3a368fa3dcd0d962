/// Inflated text of which a stretch is visible at a time, so that memory does not grow with the file.
pub trait Text {
    /// What can be looked at now.
    fn visible(&self) -> &[u8];

    /// Lets go of what stands before `keep` and shows more behind the rest, which then begins at 0. `false`
    /// when there is no more; nothing has moved then.
    fn more(&mut self, keep: usize) -> bool;
}

/// A text that is visible from its beginning to its end.
pub struct Whole<'a>(pub &'a [u8]);

impl Text for Whole<'_> {
    fn visible(&self) -> &[u8] {
        self.0
    }

    fn more(&mut self, _keep: usize) -> bool {
        false
    }
}

//! Short names that follow from what something is about and from nothing else, so that they are the same in every run.

use sha2::{Digest, Sha256};

/// The first bytes of a digest of parts, two hexadecimal digits each.
pub fn digest(parts: &[String], bytes: usize) -> String {
    let digest = Sha256::digest(parts.join("\0").as_bytes());
    digest.iter().take(bytes).map(|byte| format!("{byte:02x}")).collect()
}

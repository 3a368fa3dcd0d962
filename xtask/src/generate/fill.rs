//! Fills the slots of a template: a scene and a template in, JSON text at the end of a buffer.

use super::calls::Casting;
use super::dice::{below, mix, named, skewed};
use super::plan::{ACCOUNTS, ORGANIZATION, REGIONS};
use super::principal::{Persona, Principal, Session};
use super::template::{Part, Piece, Slot, Template, What};
use super::text;
use super::world::World;

/// How many things of a kind an account has in a region.
const THINGS: u64 = 240;
const OTHER_ACCOUNTS: [&str; 3] = ["555566667777", "888899990000", "333344445555"];

/// Everything a record is made from.
pub struct Scene<'w> {
    pub world: &'w World,
    pub account: usize,
    pub region: usize,
    /// What is drawn for this record alone.
    pub salt: u64,
    /// What is drawn for all records of a burst.
    pub burst: u64,
    /// Unix seconds.
    pub time: i64,
    pub me: &'w Principal,
    pub session: Session,
    pub call: &'w Casting,
    /// Somebody clicks in the console: a new access key for each call.
    pub console: bool,
    /// Whom the call is about, where it is about a role.
    pub role: &'w Principal,
    pub role_session: Session,
}

impl Scene<'_> {
    pub fn fill(&self, template: &Template, out: &mut Vec<u8>) {
        self.fill_item(template, 0, out);
    }

    /// A choice only this record makes.
    pub fn choice(&self, purpose: &str) -> u64 {
        mix(self.salt, named(purpose))
    }

    /// A choice its burst makes.
    pub fn burst_choice(&self, purpose: &str) -> u64 {
        mix(self.burst, named(purpose))
    }

    fn fill_item(&self, template: &Template, item: u64, out: &mut Vec<u8>) {
        for piece in &template.pieces {
            match piece {
                Piece::Text(text) => out.extend_from_slice(text.as_bytes()),
                Piece::Slot(slot) => self.slot(slot, if slot.shared { 0 } else { item }, out),
            }
        }
    }

    fn slot(&self, slot: &Slot, item: u64, out: &mut Vec<u8>) {
        let draw = mix(self.salt ^ item, slot.draw);
        // Seven times in eight a burst comes back to the same thing.
        let thing = if draw.is_multiple_of(8) { draw } else { mix(self.burst ^ item, slot.draw) };
        match &slot.what {
            What::Account => out.extend_from_slice(self.account_id().as_bytes()),
            What::OtherAccount => out.extend_from_slice(self.other_account().as_bytes()),
            What::Management => out.extend_from_slice(ACCOUNTS[0].as_bytes()),
            What::Organization => out.extend_from_slice(ORGANIZATION.as_bytes()),
            What::Region => out.extend_from_slice(REGIONS[self.region].as_bytes()),
            What::Id(prefix) => {
                out.extend_from_slice(prefix.as_bytes());
                out.extend_from_slice(b"-0");
                text::hex(self.thing(slot, thing), 16, out);
            }
            What::Known => text::uuid(self.thing(slot, thing), out),
            What::Unique(prefix) => {
                out.extend_from_slice(prefix.as_bytes());
                text::base32(self.thing(slot, thing), 17, out);
            }
            What::AccessKey => text::access_key("AKIA", draw, out),
            What::Uuid => text::uuid(draw, out),
            What::Number(bound) => text::number(below(draw, *bound), out),
            What::Hex(count) => text::hex(draw, *count, out),
            What::Token(count) => text::base64url(draw, *count, out),
            What::Alphanumeric(count) => text::alphanumeric(draw, *count, out),
            What::Word(list) => {
                let words = &self.world.words[*list];
                let word = &words[skewed(thing, words.len() as u64) as usize];
                self.fill_item(word, draw, out);
            }
            What::Time => text::instant(self.time, out),
            What::Spoken => text::spoken(self.time, out),
            What::Millis => text::number(self.time.unsigned_abs() * 1000, out),
            What::Expiry => text::spoken(self.time + 3600, out),
            What::Me(Part::Arn) => self.fill(&self.world.arns[self.me.kind as usize], out),
            What::Role(Part::Arn) => self.fill(&self.world.role_arn, out),
            What::Me(part) => self.principal(self.me, &self.session, *part, out),
            What::Role(part) => self.principal(self.role, &self.role_session, *part, out),
            What::InvokedBy => {
                if let Some(host) = self.made_by() {
                    out.extend_from_slice(b",\"invokedBy\":\"");
                    out.extend_from_slice(host.as_bytes());
                    out.push(b'"');
                }
            }
            What::Via => out.extend_from_slice(self.made_by().unwrap_or_default().as_bytes()),
            What::Action => out.extend_from_slice(self.call.action.as_bytes()),
            What::Target => self.fill(&self.call.target, out),
            What::Prefix => out.extend_from_slice(self.call.call.prefix.as_bytes()),
            What::Items => self.items(draw, out),
        }
    }

    /// One of the things of a kind that exist in this account and region.
    fn thing(&self, slot: &Slot, draw: u64) -> u64 {
        let place = (self.account * REGIONS.len() + self.region) as u64;
        mix(mix(self.world.seed, slot.family), place * THINGS + skewed(draw, THINGS))
    }

    fn items(&self, draw: u64, out: &mut Vec<u8>) {
        let (fewest, most) = self.call.call.item_counts;
        for item in 0..fewest + below(draw, most - fewest + 1) {
            if item > 0 {
                out.push(b',');
            }
            self.fill_item(&self.call.item, item, out);
        }
    }

    fn principal(&self, who: &Principal, session: &Session, part: Part, out: &mut Vec<u8>) {
        match part {
            // An ARN depends on the kind, so it is a template of its own.
            Part::Arn => {}
            Part::Name => out.extend_from_slice(who.name.as_bytes()),
            Part::Path => out.extend_from_slice(who.path.as_bytes()),
            Part::Id => {
                out.extend_from_slice(who.kind.id_prefix().as_bytes());
                text::base32(who.salt, 17, out);
            }
            Part::Session => session.name(who, out),
            Part::Key => text::access_key(who.kind.key_prefix(), session.key, out),
            Part::Created => text::instant(session.start, out),
        }
    }

    pub fn account_id(&self) -> &'static str {
        ACCOUNTS[self.account]
    }

    pub fn other_account(&self) -> &'static str {
        OTHER_ACCOUNTS[below(self.me.salt, OTHER_ACCOUNTS.len() as u64) as usize]
    }

    /// The service that makes this call, if it is not the principal itself.
    pub fn made_by(&self) -> Option<&'static str> {
        match self.me.persona {
            Persona::Linked => Some(self.me.host),
            _ if self.call.call.via.is_empty() => None,
            _ => Some(self.call.call.via),
        }
    }
}

//! From lists to each user's and role's policies, with those of its groups.

use std::collections::BTreeMap;

use super::read::Entity;
use super::{Attached, Boundary, Holder, Origin, Reader};
use crate::iam::{Arn, Principal, PrincipalKind};

impl Reader {
    pub(super) fn holders(&self) -> Vec<Holder> {
        let mut holders: BTreeMap<&str, Holder> = BTreeMap::new();
        let groups: BTreeMap<_, _> = self.groups.iter().rev().map(|group| (place(&group.arn), group)).collect();
        let users = self.users.iter().map(|user| (user, user_of(&user.arn)));
        let roles = self.roles.iter().map(|role| (role, Principal::of_role(&role.arn, PrincipalKind::Role)));
        for (entity, principal) in users.chain(roles) {
            // Whoever stands in several files is taken from the first.
            holders.entry(&entity.arn).or_insert_with(|| self.holder(entity, principal, &groups));
        }
        holders.into_values().collect()
    }

    fn holder(&self, entity: &Entity, principal: Principal, groups: &BTreeMap<(&str, &str), &Entity>) -> Holder {
        let mut holder = Holder {
            arn: entity.arn.clone(),
            principal,
            policies: Vec::new(),
            boundary: entity.boundary.as_ref().map(|arn| match self.managed.get(arn) {
                Some(Some(policy)) => {
                    Boundary::Known(Attached { origin: Origin::Managed(arn.clone()), policy: policy.clone() })
                }
                _ => Boundary::Missing(arn.clone()),
            }),
            missing: Vec::new(),
        };
        self.give(entity, |origin| origin, &mut holder);
        for name in &entity.groups {
            match groups.get(&(place(&entity.arn).0, name.as_str())) {
                Some(group) => self.give(group, |origin| Origin::Group(name.clone(), Box::new(origin)), &mut holder),
                None => holder.missing.push(format!("group {name}")),
            }
        }
        holder
    }

    /// Gives what an entity has to a holder.
    fn give(&self, entity: &Entity, origin: impl Fn(Origin) -> Origin, holder: &mut Holder) {
        for (name, policy) in &entity.inline {
            let origin = origin(Origin::Inline(name.clone()));
            holder.policies.extend(policy.clone().map(|policy| Attached { origin, policy }));
        }
        for arn in &entity.attached {
            match self.managed.get(arn) {
                Some(Some(policy)) => {
                    let origin = origin(Origin::Managed(arn.clone()));
                    holder.policies.push(Attached { origin, policy: policy.clone() });
                }
                _ => holder.missing.push(arn.clone()),
            }
        }
        holder.missing.extend(entity.unread.iter().cloned());
    }
}

/// Where an ARN is: the account and the name, which an account gives once.
fn place(arn: &str) -> (&str, &str) {
    Arn::parse(arn).map_or(("", arn), |arn| (arn.account, arn.last_segment()))
}

fn user_of(arn: &str) -> Principal {
    let account = Arn::parse(arn).ok().map(|arn| arn.account.to_owned());
    Principal { kind: PrincipalKind::User, account, name: arn.to_owned() }
}

use std::sync::LazyLock;

use serde::Deserialize;

/// The numbers by which needs are judged, and what should be standing. [`Thresholds::TEXT`] explains each where it stands.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "described in thresholds.toml")]
pub struct Thresholds {
    pub console: Console,
    pub burst: Burst,
    pub probing: Probing,
    pub noise: Noise,
    pub need: Recurring,
    pub standing: Standing,
}

#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Console {
    pub days: usize,
}

#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Burst {
    pub actions: usize,
    pub services: usize,
    pub minutes: u32,
}

#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Probing {
    pub actions: usize,
    pub privileged_actions: usize,
    pub resources: usize,
    pub repeats: u64,
}

#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Noise {
    pub repeats: u64,
}

#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Recurring {
    pub repeats: u64,
    pub days: usize,
    pub sessions: usize,
}

#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Standing {
    pub weeks: usize,
    pub days: usize,
    pub percent: usize,
}

/// The tables of the file that comes with the program.
static OWN: LazyLock<toml::Table> = LazyLock::new(|| toml::from_str(Thresholds::TEXT).unwrap_or_default());

impl Default for Thresholds {
    /// As in [`Self::TEXT`].
    fn default() -> Self {
        Self {
            console: Console { days: 3 },
            burst: Burst { actions: 8, services: 5, minutes: 10 },
            probing: Probing { actions: 10, privileged_actions: 3, resources: 10, repeats: 2 },
            noise: Noise { repeats: 2 },
            need: Recurring { repeats: 3, days: 2, sessions: 2 },
            standing: Standing { weeks: 4, days: 4, percent: 75 },
        }
    }
}

impl Thresholds {
    /// The file that comes with the program: TOML, each number with what it decides.
    pub const TEXT: &str = include_str!("thresholds.toml");

    /// Reads a file; what it leaves out is as in [`Self::TEXT`]. Fails where it is no TOML, where a name is not
    /// known, and where a value is no whole number.
    pub fn parse(text: &str) -> Result<Self, toml::de::Error> {
        let mut all = OWN.clone();
        for (name, value) in toml::from_str::<toml::Table>(text)? {
            match (all.get_mut(&name), value) {
                (Some(toml::Value::Table(own)), toml::Value::Table(given)) => own.extend(given),
                (_, value) => drop(all.insert(name, value)),
            }
        }
        all.try_into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_changes_what_it_names_and_nothing_else() {
        let own = Thresholds::default();
        assert_eq!(Thresholds::parse("").unwrap(), own);
        assert_eq!(Thresholds::parse(Thresholds::TEXT).unwrap(), own);
        let changed = Thresholds::parse("[burst]\nminutes = 99").unwrap();
        assert_eq!(changed, Thresholds { burst: Burst { minutes: 99, ..own.burst.clone() }, ..own });
    }

    #[test]
    fn what_is_not_known_is_refused_with_its_name() {
        for (text, says) in [
            ("[bursts]\nminutes = 1", "bursts"),
            ("[burst]\nminute = 1", "minute"),
            ("[burst]\nminutes = -1", "-1"),
            ("[burst]\nminutes = \"x\"", "x"),
            ("burst = 1", "1"),
            ("[burst", "burst"),
        ] {
            let error = Thresholds::parse(text).unwrap_err().to_string();
            assert!(error.contains(says), "{text}: {error}");
        }
    }
}

//! The command line, read by hand: this program is compiled when a container build is about to begin.

use camino::Utf8PathBuf;

pub(crate) const USAGE: &str = "\
usage: pack package --spec FILE --out DIR
       pack cache-load FROM TO
       pack cache-dump FROM TO [--since FILE] [--max-bytes N|env:VARIABLE]";

/// What is to be done.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Command {
    /// Make a package.
    Package { spec: Utf8PathBuf, out: Utf8PathBuf },
    /// Put a seed into a cache.
    CacheLoad { from: Utf8PathBuf, to: Utf8PathBuf },
    /// Take out of a cache what was used since it was loaded.
    CacheDump { from: Utf8PathBuf, to: Utf8PathBuf, since: Option<Utf8PathBuf>, max_bytes: u64 },
}

/// Reads the arguments after the program's name. `variable` is the environment: a Dockerfile's instructions without a
/// shell can pass build arguments in no other way.
pub(crate) fn parse(
    args: impl Iterator<Item = String>,
    variable: impl Fn(&str) -> Option<String>,
) -> Result<Command, String> {
    let mut places = Vec::new();
    let (mut spec, mut out, mut since, mut max_bytes) = (None, None, None, None);
    let mut args = args;
    while let Some(arg) = args.next() {
        let slot = match arg.as_str() {
            "--spec" => &mut spec,
            "--out" => &mut out,
            "--since" => &mut since,
            "--max-bytes" => &mut max_bytes,
            option if option.starts_with('-') => return Err(format!("unknown option {option}")),
            _ => {
                places.push(arg);
                continue;
            }
        };
        let value = args.next().ok_or_else(|| format!("{arg} wants a value"))?;
        *slot = Some(value);
    }
    let needed = |value: Option<String>, what| value.ok_or_else(|| format!("{what} is missing"));
    let mut places = places.into_iter();
    let name = needed(places.next(), "the command")?;
    let command = match name.as_str() {
        "package" => Command::Package {
            spec: needed(spec.take(), "--spec")?.into(),
            out: needed(out.take(), "--out")?.into(),
        },
        "cache-load" => Command::CacheLoad {
            from: needed(places.next(), "FROM")?.into(),
            to: needed(places.next(), "TO")?.into(),
        },
        "cache-dump" => Command::CacheDump {
            from: needed(places.next(), "FROM")?.into(),
            to: needed(places.next(), "TO")?.into(),
            since: since.take().map(Utf8PathBuf::from),
            max_bytes: match max_bytes.take() {
                Some(text) => bytes(&text, variable)?,
                None => u64::MAX,
            },
        },
        other => return Err(format!("unknown command {other}")),
    };
    let rest = [spec, out, since, max_bytes].into_iter().flatten().chain(places).next();
    rest.map_or(Ok(command), |rest| Err(format!("{name} has no use for `{rest}`")))
}

/// A number of bytes, or a variable that holds one.
fn bytes(text: &str, variable: impl Fn(&str) -> Option<String>) -> Result<u64, String> {
    let number = match text.strip_prefix("env:") {
        Some(name) => variable(name).ok_or_else(|| format!("{name} is not set"))?,
        None => text.to_owned(),
    };
    number.parse().map_err(|_| format!("`{number}` is no number of bytes"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(line: &str) -> Result<Command, String> {
        parse(line.split_whitespace().map(str::to_owned), |name| (name == "LIMIT").then(|| "9".into()))
    }

    #[test]
    fn reads_every_command() {
        assert_eq!(
            read("package --out /package --spec p.json"),
            Ok(Command::Package { spec: "p.json".into(), out: "/package".into() })
        );
        assert_eq!(read("cache-load a b"), Ok(Command::CacheLoad { from: "a".into(), to: "b".into() }));
        assert_eq!(
            read("cache-dump a b --since s --max-bytes 7"),
            Ok(Command::CacheDump {
                from: "a".into(),
                to: "b".into(),
                since: Some("s".into()),
                max_bytes: 7
            })
        );
    }

    #[test]
    fn a_limit_may_stand_in_a_variable() {
        let Ok(Command::CacheDump { max_bytes, .. }) = read("cache-dump a b --max-bytes env:LIMIT") else {
            panic!("no dump");
        };
        assert_eq!(max_bytes, 9);
    }

    #[test]
    fn refuses_what_it_would_ignore() {
        for line in
            ["", "package --spec x", "cache-load a", "cache-load a b c", "cache-load a b --out c", "pack x"]
        {
            assert!(read(line).is_err(), "{line}");
        }
        assert!(read("cache-dump a b --max-bytes env:NONE").unwrap_err().contains("NONE is not set"));
        assert!(read("cache-dump a b --max-bytes many").unwrap_err().contains("many"));
    }
}

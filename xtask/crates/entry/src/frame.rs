//! The little of HTTP/2 (RFC 9113) that one call needs: frames, and one request's headers (RFC 7541).

use std::io::{self, Read, Write};

/// What a client says first.
pub const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/// Nobody may send more in a frame to a client that did not ask for it.
const LONGEST: usize = 16_384;

/// Kinds of frames that matter here.
pub mod kind {
    pub const DATA: u8 = 0x0;
    pub const HEADERS: u8 = 0x1;
    pub const RESET: u8 = 0x3;
    pub const SETTINGS: u8 = 0x4;
    pub const PING: u8 = 0x6;
    pub const GO_AWAY: u8 = 0x7;
}

/// Flags of frames. The same bit says that a frame ends its stream, and that one answers another.
pub mod flag {
    pub const END_STREAM: u8 = 0x1;
    pub const ACK: u8 = 0x1;
    pub const END_HEADERS: u8 = 0x4;
    pub const PADDED: u8 = 0x8;
}

/// One frame.
#[derive(Debug, PartialEq, Eq)]
pub struct Frame {
    /// One of [`kind`].
    pub kind: u8,
    /// Bits of [`flag`].
    pub flags: u8,
    /// The stream; 0 is the connection.
    pub stream: u32,
    /// What it carries.
    pub payload: Vec<u8>,
}

impl Frame {
    /// Reads one frame.
    pub fn read(from: &mut impl Read) -> io::Result<Self> {
        let mut head = [0; 9];
        from.read_exact(&mut head)?;
        let [a, b, c, kind, flags, s0, s1, s2, s3] = head;
        let length = usize::from(a) << 16 | usize::from(b) << 8 | usize::from(c);
        if length > LONGEST {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "it does not speak HTTP/2"));
        }
        let mut payload = vec![0; length];
        from.read_exact(&mut payload)?;
        Ok(Self { kind, flags, stream: u32::from_be_bytes([s0, s1, s2, s3]) & 0x7fff_ffff, payload })
    }

    /// Writes the frame. Payloads here are short, so their length always fits.
    pub fn write(&self, to: &mut impl Write) -> io::Result<()> {
        let length = u32::try_from(self.payload.len()).map_err(io::Error::other)?.to_be_bytes();
        let mut bytes = vec![length[1], length[2], length[3], self.kind, self.flags];
        bytes.extend(self.stream.to_be_bytes());
        bytes.extend(&self.payload);
        to.write_all(&bytes)
    }

    /// What a data frame carries beside its padding.
    pub fn data(&self) -> &[u8] {
        if self.flags & flag::PADDED == 0 {
            return &self.payload;
        }
        let Some((padding, rest)) = self.payload.split_first() else { return &[] };
        rest.get(..rest.len().saturating_sub(usize::from(*padding))).unwrap_or_default()
    }
}

/// The headers of a gRPC call of `path`, for servers that demand a token with it, without the compression that only long
/// connections gain from.
pub fn headers(path: &str, token: Option<&str>) -> Vec<u8> {
    // Entries of the static table: `:method: POST` and `:scheme: http`.
    let mut block = vec![0x83, 0x86];
    let mut add = |name: &[u8], value: &str| {
        block.extend(name);
        text(&mut block, value);
    };
    // Names by their place in the static table: `:path` is 4, `:authority` 1, `content-type` 31, `authorization` 23.
    // The last is marked as one that nobody may keep.
    add(&[0x04], path);
    add(&[0x01], "localhost");
    add(&[0x0f, 31 - 15], "application/grpc");
    if let Some(token) = token {
        add(&[0x1f, 23 - 15], &format!("Bearer {token}"));
    }
    block.push(0);
    text(&mut block, "te");
    text(&mut block, "trailers");
    block
}

/// A text behind its length, whose first seven bits share a byte with the flag for a compression that is not used.
fn text(block: &mut Vec<u8>, value: &str) {
    const FULL: u8 = 0x7f;
    match u8::try_from(value.len()) {
        Ok(length) if length < FULL => block.push(length),
        _ => {
            block.push(FULL);
            let mut rest = value.len() - usize::from(FULL);
            while rest >= 0x80 {
                block.push(0x80 | u8::try_from(rest & 0x7f).unwrap_or(FULL));
                rest >>= 7;
            }
            block.push(u8::try_from(rest).unwrap_or(FULL));
        }
    }
    block.extend(value.as_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frame_is_read_as_it_was_written() {
        let frame = Frame { kind: kind::DATA, flags: flag::END_STREAM, stream: 1, payload: b"abc".to_vec() };
        let mut bytes = Vec::new();
        frame.write(&mut bytes).unwrap();
        assert_eq!(bytes, b"\0\0\x03\0\x01\0\0\0\x01abc");
        assert_eq!(Frame::read(&mut bytes.as_slice()).unwrap(), frame);
        assert!(Frame::read(&mut &bytes[..10]).is_err());
        assert!(Frame::read(&mut b"HTTP/1.1 400 Bad Request".as_slice()).is_err());
    }

    #[test]
    fn padding_is_left_out() {
        let padded =
            |payload: &[u8]| Frame { kind: 0, flags: flag::PADDED, stream: 1, payload: payload.into() };
        assert_eq!(padded(b"\x02abc\0\0").data(), b"abc");
        assert_eq!(padded(b"\x09abc").data(), b"");
        assert_eq!(padded(b"").data(), b"");
    }

    /// RFC 7541, C.2.2 and 6.1, by hand.
    #[test]
    fn headers_are_literals_with_indexed_names() {
        let block = headers("/x", None);
        assert!(
            block.starts_with(b"\x83\x86\x04\x02/x\x01\x09localhost\x0f\x10\x10application/grpc"),
            "{block:?}"
        );
        assert!(block.ends_with(b"\0\x02te\x08trailers"), "{block:?}");
        let long = headers("/x", Some(&"t".repeat(1330)));
        // C.1.2: 1337 with a prefix of five bits; with seven, 127 and 1210 in groups of seven bits.
        let at = long.windows(3).position(|part| part == [0x7f, 0xba, 0x09]).unwrap();
        assert!(long[..at].ends_with(&[0x1f, 8]) && long[at + 3..].starts_with(b"Bearer ttt"));
    }
}

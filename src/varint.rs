//! Numbers as bytes, a small number as few of them (LEB128: seven bits a byte, the lowest first).

/// Appends a number, as one byte to ten.
pub fn write(mut word: u64, bytes: &mut Vec<u8>) {
    while word > 0x7f {
        bytes.push(word as u8 | 0x80);
        word >>= 7;
    }
    bytes.push(word as u8);
}

/// Takes a number from the front of these bytes, or returns `None` if there is none.
pub fn read(bytes: &mut &[u8]) -> Option<u64> {
    let mut word = 0;
    for shift in (0..u64::BITS).step_by(7) {
        let (byte, rest) = bytes.split_first()?;
        *bytes = rest;
        word |= u64::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            return Some(word);
        }
    }
    None
}

//! How counts become bytes. Whoever reads bytes trusts none of them.

use crate::varint;

/// Takes a number of at most 32 bits.
pub(super) fn read_u32(bytes: &mut &[u8]) -> Option<u32> {
    varint::read(bytes)?.try_into().ok()
}

/// Takes the length of a list that has at most `max` items.
pub(super) fn read_length(max: usize, bytes: &mut &[u8]) -> Option<usize> {
    let length = varint::read(bytes)?.try_into().ok()?;
    (length <= max).then_some(length)
}

/// Takes a fixed number of bytes.
pub(super) fn read_array<const N: usize>(bytes: &mut &[u8]) -> Option<[u8; N]> {
    let (array, rest) = bytes.split_first_chunk()?;
    *bytes = rest;
    Some(*array)
}

/// Appends small numbers, most of which are zero: how many zeros follow, how many others, and those.
pub(super) fn write_sparse(mut counters: &[u32], bytes: &mut Vec<u8>) {
    while !counters.is_empty() {
        let zeros = counters.iter().take_while(|count| **count == 0);
        let (zeros, rest) = counters.split_at(zeros.count());
        let others = rest.iter().take_while(|count| **count > 0);
        let (others, rest) = rest.split_at(others.count());
        counters = rest;
        varint::write(zeros.len() as u64, bytes);
        varint::write(others.len() as u64, bytes);
        for count in others {
            varint::write(u64::from(*count), bytes);
        }
    }
}

/// Fills these counters, which are all zero, with what was written.
pub(super) fn read_sparse(mut counters: &mut [u32], bytes: &mut &[u8]) -> Option<()> {
    while !counters.is_empty() {
        let zeros = read_length(counters.len(), bytes)?;
        let others = read_length(counters.len() - zeros, bytes)?;
        let (now, rest) = counters.split_at_mut_checked(zeros + others)?;
        counters = rest;
        for counter in now.iter_mut().skip(zeros) {
            *counter = read_u32(bytes)?;
        }
    }
    Some(())
}

//! Prefetching of memory that is read soon, and large pages for tables that are read all over.

/// Asks for the first lines of `items`; the processor's own foresight does the rest.
#[inline]
pub fn ask_for<T>(items: &[T]) {
    const LINE: usize = 64;
    const MOST: usize = 8;
    #[cfg(target_arch = "x86_64")]
    for item in items.iter().step_by((LINE / size_of::<T>()).max(1)).take(MOST) {
        // SAFETY: a hint about an address that is valid; it reads nothing.
        unsafe {
            core::arch::x86_64::_mm_prefetch::<{ core::arch::x86_64::_MM_HINT_T0 }>(std::ptr::from_ref(item).cast())
        };
    }
    #[cfg(not(target_arch = "x86_64"))]
    let _ = (items, LINE, MOST);
}

/// Asks the system to back the room of `items` by large pages: rows are read from all over it,
/// and half the time would go into looking up pages. A wish; whether it is granted changes nothing.
pub fn ask_for_large_pages<T>(items: &mut Vec<T>) {
    const PAGE: usize = 1 << 21;
    #[cfg(target_os = "linux")]
    {
        let room = items.spare_capacity_mut();
        let start = (room.as_mut_ptr() as usize).next_multiple_of(PAGE);
        let end = (room.as_ptr_range().end as usize) / PAGE * PAGE;
        if end > start {
            // SAFETY: the range lies within an allocation of ours, and the advice does not change
            // what is in memory.
            let _ = unsafe { rustix::mm::madvise(start as *mut _, end - start, rustix::mm::Advice::LinuxHugepage) };
        }
    }
    #[cfg(not(target_os = "linux"))]
    let _ = (items, PAGE);
}

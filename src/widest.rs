//! Loops compiled several times, for the widest vectors that the machine at hand has. They
//! are plain Rust over arrays: the compiler makes the vectors. Nothing is reordered or
//! contracted, so every instruction set gives the same bits.

/// Defines `$name`, which runs `$body` compiled for the widest vectors this machine has. The
/// body, and all that it calls, must be `#[inline(always)]`. What it is generic in stands in brackets.
macro_rules! widest {
    ($visibility:vis $name:ident, $body:ident, ($($argument:ident: $type:ty),*)) => {
        widest!($visibility $name, $body, [], ($($argument: $type),*));
    };
    ($visibility:vis $name:ident, $body:ident, [$($generic:tt)*], ($($argument:ident: $type:ty),*)) => {
        $visibility fn $name<$($generic)*>($($argument: $type),*) {
            #[cfg(target_arch = "x86_64")]
            {
                #[target_feature(enable = "avx512f,avx512dq,avx512bw,avx512vl")]
                fn avx512<$($generic)*>($($argument: $type),*) {
                    $body($($argument),*);
                }
                #[target_feature(enable = "avx2")]
                fn avx2<$($generic)*>($($argument: $type),*) {
                    $body($($argument),*);
                }
                let wide = is_x86_feature_detected!("avx512f") && is_x86_feature_detected!("avx512dq");
                if wide && is_x86_feature_detected!("avx512bw") && is_x86_feature_detected!("avx512vl") {
                    // SAFETY: all four instruction sets were just detected.
                    return unsafe { avx512($($argument),*) };
                }
                if is_x86_feature_detected!("avx2") {
                    // SAFETY: the instruction set was just detected.
                    return unsafe { avx2($($argument),*) };
                }
            }
            $body($($argument),*);
        }
    };
}

pub(crate) use widest;

#pragma once

#include <cstddef>
#include <cstdint>

/// The inner loops of libilbc that take most of its time, for vector instructions. They have libilbc's names:
/// an executable or addon that has this object file and links libilbc statically takes them from here, since
/// the linker looks into an archive only for what is still missing. Results are those of libilbc's plain C,
/// bit by bit.
///
/// On x86-64 only: elsewhere libilbc has vector code itself, or nothing of this is compiled.
#if defined(__SSE2__)

extern "C" {

/// out[i] = Σ over j of (fixed[j] · moving[j + i · step]) >> right_shifts, for i below `count`, modulo 2^32.
void WebRtcSpl_CrossCorrelationC(std::int32_t* out,
                                 const std::int16_t* fixed,
                                 const std::int16_t* moving,
                                 std::size_t length,
                                 std::size_t count,
                                 int right_shifts,
                                 int step);

/// For each of `range` codebook vectors the criterion of RFC 3951 §3.6.3.3, correlation² / energy, from the
/// energy's inverse and its power of two; of all of them in one power of two the best. Negative correlations
/// count nothing in stage 0.
void WebRtcIlbcfix_CbSearchCore(std::int32_t* correlations,
                                std::size_t range,
                                std::int16_t stage,
                                std::int16_t* inverse_energies,
                                std::int16_t* inverse_energy_shifts,
                                std::int32_t* criteria,
                                std::size_t* best_index,
                                std::int32_t* best_criterion,
                                std::int16_t* best_criterion_shift);

/// out[i] = Σ over j of taps[j] · in[i − j], in Q12, rounded and saturated; `in` begins `tap_count` − 1
/// earlier.
void WebRtcSpl_FilterMAFastQ12(const std::int16_t* in,
                               std::int16_t* out,
                               const std::int16_t* taps,
                               std::size_t tap_count,
                               std::size_t length);

/// out[i] = taps[0] · in[i] − Σ over j from 1 of taps[j] · out[i − j], in Q12, rounded and saturated; `out`
/// begins `tap_count` − 1 earlier.
void WebRtcSpl_FilterARFastQ12(const std::int16_t* in,
                               std::int16_t* out,
                               const std::int16_t* taps,
                               std::size_t tap_count,
                               std::size_t length);

/// Σ of (a[j] · b[j]) >> right_shifts, saturated.
std::int32_t WebRtcSpl_DotProductWithScale(const std::int16_t* a,
                                           const std::int16_t* b,
                                           std::size_t length,
                                           int right_shifts);

/// All of libilbc's file of extremes: of at least one number, and of equal ones the first. The largest
/// magnitude that is given is 2^15 − 1 or 2^31 − 1.
std::int16_t WebRtcSpl_MaxAbsValueW16C(const std::int16_t* values, std::size_t length);
std::int32_t WebRtcSpl_MaxAbsValueW32C(const std::int32_t* values, std::size_t length);
std::int16_t WebRtcSpl_MaxValueW16C(const std::int16_t* values, std::size_t length);
std::int32_t WebRtcSpl_MaxValueW32C(const std::int32_t* values, std::size_t length);
std::int16_t WebRtcSpl_MinValueW16C(const std::int16_t* values, std::size_t length);
std::int32_t WebRtcSpl_MinValueW32C(const std::int32_t* values, std::size_t length);
std::size_t WebRtcSpl_MaxAbsIndexW16(const std::int16_t* values, std::size_t length);
std::size_t WebRtcSpl_MaxIndexW16(const std::int16_t* values, std::size_t length);
std::size_t WebRtcSpl_MaxIndexW32(const std::int32_t* values, std::size_t length);
std::size_t WebRtcSpl_MinIndexW16(const std::int16_t* values, std::size_t length);
std::size_t WebRtcSpl_MinIndexW32(const std::int32_t* values, std::size_t length);

}  // extern "C"

#endif

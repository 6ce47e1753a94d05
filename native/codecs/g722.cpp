#include "codecs/g722.hpp"

#include <algorithm>
#include <bit>

#include "codecs/g722_block.hpp"
#include "codecs/g722_dequantiser.hpp"
#include "codecs/g722_filters.hpp"
#include "codecs/g722_predictor.hpp"
#include "codecs/g722_quantiser.hpp"
#include "codecs/g722_tables.hpp"

namespace mediaswitch {
namespace g722 {
namespace {

/// `load_one` reads a pair into the elements that the caller works with.
template <class LoadPair>
Poles load_poles(const G722Bands& bands, LoadPair load_one) {
  return {.a1 = load_one(bands.a1.data()),
          .a2 = load_one(bands.a2.data()),
          .r1 = load_one(bands.r1.data()),
          .r2 = load_one(bands.r2.data()),
          .p1 = load_one(bands.p1.data()),
          .p2 = load_one(bands.p2.data())};
}
template <class StorePair>
void store_poles(G722Bands& bands, const Poles& poles, StorePair store_one) {
  store_one(bands.a1.data(), poles.a1);
  store_one(bands.a2.data(), poles.a2);
  store_one(bands.r1.data(), poles.r1);
  store_one(bands.r2.data(), poles.r2);
  store_one(bands.p1.data(), poles.p1);
  store_one(bands.p2.data(), poles.p2);
}

/// The zero sections' predictions as pairs, from that of the block's first sample to that of the next
/// block's.
void predict_by_zeros(const Dequantised& differences, std::size_t count, G722Bands& bands, PairRow& sz) {
  struct alignas(16) Products : std::array<std::int16_t, 8 * (block + margin)> {};
  Products low_products;   // NOLINT(cppcoreguidelines-pro-type-member-init): filled before it is read
  Products high_products;  // NOLINT(cppcoreguidelines-pro-type-member-init): filled before it is read
  const auto newest = [](Int16x8 d) { return __builtin_shufflevector(d, d, 6, 6, 6, 6, 6, 6, 6, 6); };
  const std::int16_t* low = differences.low.oldest();
  const std::int16_t* high = differences.high.oldest();
  Int16x8 low_b = load(bands.b[0].data());
  Int16x8 high_b = load(bands.b[1].data());
  for (std::size_t n = 0; n < count; ++n) {
    const Int16x8 low_d = load(low + n);
    low_b = adapted_zeros(low_b, low_d, newest(low_d));
    store(low_products.data() + 8 * n, products_low(low_b, load(low + n + 1)));
    const Int16x8 high_d = load(high + n);
    high_b = adapted_zeros(high_b, high_d, newest(high_d));
    store(high_products.data() + 8 * n, products_high(high_b, load(high + n + 1)));
  }
  store(bands.b[0].data(), low_b);
  store(bands.b[1].data(), high_b);
  std::fill_n(low_products.data() + 8 * count, 56, std::int16_t{0});
  std::fill_n(high_products.data() + 8 * count, 56, std::int16_t{0});

  std::copy(bands.sz.begin(), bands.sz.end(), sz.begin());
  for (std::size_t n = 0; n < count; n += 8) {
    store_pairs(sz.data() + 2 * n + 2,
                sums_of_rows(low_products.data() + 8 * n),
                sums_of_rows(high_products.data() + 8 * n));
  }
  std::copy_n(sz.data() + 2 * count, 2, bands.sz.begin());
}

/// The whole predictions as pairs.
void predict(
    const Dequantised& differences, const PairRow& sz, std::size_t count, G722Bands& bands, PairRow& s) {
  PairRow d;  // NOLINT(cppcoreguidelines-pro-type-member-init): filled before it is read
  for (std::size_t n = 0; n < count; n += 8) {
    store_pairs(d.data() + 2 * n, load(differences.low.now() + n), load(differences.high.now() + n));
  }
  Poles poles = load_poles(bands, load_pair);
  Int16x8 prediction = load_pair(bands.s.data());
  for (std::size_t n = 0; n < count; ++n) {
    store_pair(s.data() + 2 * n, prediction);
    const Int16x8 sp = poles.advance(prediction, load_pair(sz.data() + 2 * n), load_pair(d.data() + 2 * n));
    prediction = add_saturated(sp, load_pair(sz.data() + 2 * n + 2));
  }
  store_poles(bands, poles, store_pair);
  store_pair(bands.s.data(), prediction);
  std::fill_n(s.data() + 2 * count, margin, std::int16_t{0});
}

/// What the codes are made of.
struct Quantisation {
  PairRow errors;
  Row low_scales;
  Row high_scales;
};

/// Both bands' prediction errors: what each sample's code is made of, and what the next sample's prediction
/// needs.
void predict_and_subtract(const PairRow& x, std::size_t count, G722Bands& bands, Quantisation& out) {
  const Int16x8 most_nb = load_halves(std::array{low_nb_most, high_nb_most}.data());
  const Int16x8 last_place{0, 0, 0, 0, 0, -1, 0, 0};
  const auto followed_by = [&](Int16x8 d, Int16x8 now) {
    return __builtin_shufflevector(d, Int16x8{}, 1, 2, 3, 4, 5, 6, 7, 8) | (now & last_place);
  };
  Int16x8 low_b = load(bands.b[0].data());
  Int16x8 high_b = load(bands.b[1].data());
  Int16x8 low_d = load(bands.d[0].data());
  Int16x8 high_d = load(bands.d[1].data());
  Poles poles = load_poles(bands, load_halves);
  Int16x8 s = load_halves(bands.s.data());
  Int16x8 sz = load_halves(bands.sz.data());
  Int16x8 nb = load_halves(bands.nb.data());
  for (std::size_t n = 0; n < count; ++n) {
    const Int16x8 error = subtract_saturated(load_halves(x.data() + 2 * n), s);
    store_halves(out.errors.data() + 2 * n, error);
    const ScaleIndex at = scale_index(nb);
    out.low_scales[n] = low_scales[at.low];
    out.high_scales[n] = high_scales[at.high];
    const auto [difference, log] = quantised(error, at);
    nb = greater(lesser(nb + multiply_high(nb, repeated(-512)) + log, most_nb), Int16x8{});

    const Int16x8 sp = poles.advance(s, sz, difference);
    const Int16x8 low_now = __builtin_shufflevector(difference, difference, 0, 1, 2, 3, 0, 1, 2, 3);
    const Int16x8 high_now = __builtin_shufflevector(difference, difference, 4, 5, 6, 7, 4, 5, 6, 7);
    low_b = adapted_zeros(low_b, low_d, low_now);
    high_b = adapted_zeros(high_b, high_d, high_now);
    low_d = followed_by(low_d, low_now);
    high_d = followed_by(high_d, high_now);
    sz = sums_in_halves(products_low(low_b, low_d), products_high(high_b, high_d));
    s = add_saturated(sp, sz);
  }
  store(bands.b[0].data(), low_b);
  store(bands.b[1].data(), high_b);
  store(bands.d[0].data(), low_d);
  store(bands.d[1].data(), high_d);
  store_poles(bands, poles, store_halves);
  store_halves(bands.s.data(), s);
  store_halves(bands.sz.data(), sz);
  store_halves(bands.nb.data(), nb);
}

}  // namespace
}  // namespace g722

std::size_t G722Decoder::decode(std::span<const std::uint8_t> octets, std::span<std::int16_t> pcm16k) {
  for (std::size_t done = 0; done < octets.size();) {
    const std::size_t now = std::min(g722::block, octets.size() - done);
    decode_block(octets.subspan(done, now), pcm16k.subspan(2 * done, 2 * now));
    done += now;
  }
  return 2 * octets.size();
}

// The differences depend on the codes alone, the zero sections on the differences alone, and only the pole
// sections on what was reconstructed before: so each is done for the whole block at once.
void G722Decoder::decode_block(std::span<const std::uint8_t> octets, std::span<std::int16_t> pcm16k) {
  const std::size_t count = octets.size();
  const std::span low_past = std::span(bands_.d[0]).first<6>();
  const std::span high_past = std::span(bands_.d[1]).first<6>();
  g722::Dequantised differences{
      .fine = {}, .low = g722::DifferenceRow(low_past), .high = g722::DifferenceRow(high_past)};
  g722::PairRow sz;  // NOLINT(cppcoreguidelines-pro-type-member-init): filled before it is read
  g722::PairRow s;   // NOLINT(cppcoreguidelines-pro-type-member-init): filled before it is read
  g722::dequantise(octets, bands_.nb, differences);
  g722::predict_by_zeros(differences, count, bands_, sz);
  g722::predict(differences, sz, count, bands_, s);
  differences.low.keep(count, low_past);
  differences.high.keep(count, high_past);

  g722::FilterRow lower_less_higher(differences_);
  g722::FilterRow sums(sums_);
  for (std::size_t n = 0; n < count; n += 8) {
    const Int16x8 early = load(s.data() + 2 * n);
    const Int16x8 late = load(s.data() + 2 * n + 8);
    const Int16x8 low = add_saturated(at_even_places(early, late), load(differences.fine.data() + n));
    const Int16x8 high = add_saturated(at_odd_places(early, late), load(differences.high.now() + n));
    store(lower_less_higher.now() + n, g722::in_band_limits(low) - g722::in_band_limits(high));
    store(sums.now() + n, g722::in_band_limits(low) + g722::in_band_limits(high));
  }
  lower_less_higher.keep(count, differences_);
  sums.keep(count, sums_);
  g722::PairRow pcm;  // NOLINT(cppcoreguidelines-pro-type-member-init): filled before it is read
  g722::join_bands(lower_less_higher, sums, count, pcm);
  std::copy_n(pcm.data(), 2 * count, pcm16k.data());
}

std::size_t G722Encoder::encode(std::span<const std::int16_t> pcm16k, std::span<std::uint8_t> octets) {
  const std::size_t count = pcm16k.size() / 2;
  for (std::size_t done = 0; done < count;) {
    const std::size_t now = std::min(g722::block, count - done);
    encode_block(pcm16k.subspan(2 * done, 2 * now), octets.subspan(done, now));
    done += now;
  }
  return count;
}

void G722Encoder::encode_block(std::span<const std::int16_t> pcm16k, std::span<std::uint8_t> octets) {
  const std::size_t count = octets.size();
  g722::PairRow pairs;  // NOLINT(cppcoreguidelines-pro-type-member-init): filled before it is read
  std::copy_n(pcm16k.data(), 2 * count, pairs.data());
  std::fill_n(pairs.data() + 2 * count, g722::margin, std::int16_t{0});
  g722::FilterRow firsts(firsts_);
  g722::FilterRow seconds(seconds_);
  for (std::size_t n = 0; n < count; n += 8) {
    const Int16x8 early = load(pairs.data() + 2 * n);
    const Int16x8 late = load(pairs.data() + 2 * n + 8);
    store(firsts.now() + n, at_even_places(early, late));
    store(seconds.now() + n, at_odd_places(early, late));
  }
  g722::split_bands(firsts, seconds, count, pairs);
  firsts.keep(count, firsts_);
  seconds.keep(count, seconds_);

  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-member-init): filled before it is read
  g722::Quantisation quantisation;
  g722::predict_and_subtract(pairs, count, bands_, quantisation);
  auto& [errors, low_det, high_det] = quantisation;
  std::fill_n(errors.data() + 2 * count, g722::margin, std::int16_t{0});
  std::fill_n(low_det.data() + count, 8, std::int16_t{0});
  std::fill_n(high_det.data() + count, 8, std::int16_t{0});
  g722::Row codes;  // NOLINT(cppcoreguidelines-pro-type-member-init): filled before it is read
  for (std::size_t n = 0; n < count; n += 8) {
    const Int16x8 early = load(errors.data() + 2 * n);
    const Int16x8 late = load(errors.data() + 2 * n + 8);
    store(codes.data() + n,
          g722::octets_of({.low = at_even_places(early, late), .high = at_odd_places(early, late)},
                          {.low = load(low_det.data() + n), .high = load(high_det.data() + n)}));
  }
  std::transform(codes.data(), codes.data() + count, octets.data(), [](std::int16_t code) {
    return static_cast<std::uint8_t>(code);
  });
}

}  // namespace mediaswitch

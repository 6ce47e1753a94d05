#pragma once

#include <utility>
#include <variant>

namespace mediaswitch {

/// A value, or why there is none. Reading the wrong one is a mistake of the caller and throws.
template <class Value, class Error>
class [[nodiscard]] Result {
 public:
  // NOLINTNEXTLINE(google-explicit-constructor): `return value;` is how a result is made
  constexpr Result(Value value) : content_(std::in_place_index<0>, std::move(value)) {}
  // NOLINTNEXTLINE(google-explicit-constructor)
  constexpr Result(Error error) : content_(std::in_place_index<1>, std::move(error)) {}

  [[nodiscard]] constexpr bool ok() const { return content_.index() == 0; }
  [[nodiscard]] constexpr const Value& value() const { return std::get<0>(content_); }
  [[nodiscard]] constexpr Value& value() { return std::get<0>(content_); }
  [[nodiscard]] constexpr const Error& error() const { return std::get<1>(content_); }

 private:
  std::variant<Value, Error> content_;
};

}  // namespace mediaswitch

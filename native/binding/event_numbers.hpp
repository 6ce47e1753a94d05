#pragma once

#include <functional>
#include <napi.h>
#include <string>
#include <vector>

#include "io/event.hpp"

namespace mediaswitch {

/// Events on their way to JavaScript, as numbers one after the other, and texts in a list of their own: what
/// is made of JavaScript's objects here costs a look-up by name for each field, there next to nothing.
/// ts/rtp/event-reader.ts makes objects of them.
///
/// An event is the number of its kind and then the numbers that `write` in event_numbers.cpp puts behind it.
class EventNumbers {
 public:
  /// The path of a recorder's file.
  using FileOf = std::function<std::string(RecorderId)>;

  explicit EventNumbers(FileOf file_of) : file_of_(std::move(file_of)) {}

  void add(const Event& event);
  [[nodiscard]] bool is_empty() const { return numbers_.empty(); }

  /// Calls `take(numbers, length, texts)` with what was added, and forgets it. The first is a Float64Array of
  /// at least `length`, which the next call writes again; texts are undefined where there are none.
  Napi::Value give(Napi::Env env, const Napi::Function& take);

  /// The shape of `NativeLayout` in ts/rtp/event-reader.ts: the names of what is told by number.
  static Napi::Object layout(Napi::Env env);

 private:
  void put(double number) { numbers_.push_back(number); }
  void put_count(std::uint64_t count) { put(static_cast<double>(count)); }
  template <class Enumerator>
  void put_place(Enumerator place) {
    put(static_cast<double>(static_cast<unsigned>(place)));
  }
  void put(const Statistics& statistics);

  void write(const Reply& reply);
  void write(const Closed& closed);
  void write(const SourceRejected& rejected);
  void write(const KeyPressed& pressed);
  void write(const KeyReleased& released);
  void write(const PlayChanged& changed);
  void write(const PlayEnded& ended);
  void write(const RecordChanged& changed);
  void write(const RecordFinished& finished);
  void write(const MixChanged& changed);
  void write(const Readable& event);
  void write(const ReaderEnded& event);
  void write(const Writable& event);
  void write(const WriterEnded& event);

  FileOf file_of_;
  std::vector<double> numbers_;
  std::vector<std::string> texts_;
  /// What JavaScript reads.
  Napi::Reference<Napi::Float64Array> given_;
  std::size_t room_ = 0;
};

}  // namespace mediaswitch

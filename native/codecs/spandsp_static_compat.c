/* Linked only with spandsp's archive, as cmake/spandsp.cmake says: what the archive's logging object defines,
   without any output. Nothing here logs, so nothing is lost. */
#include <spandsp.h>
#include <spandsp/expose.h>
#include <stdlib.h>

int span_log_test(logging_state_t* s, int level) {
  (void)s;
  (void)level;
  return 0;
}

int span_log(logging_state_t* s, int level, const char* format, ...) {
  (void)s;
  (void)level;
  (void)format;
  return 0;
}

int span_log_buf(logging_state_t* s, int level, const char* tag, const uint8_t* buf, int len) {
  (void)s;
  (void)level;
  (void)tag;
  (void)buf;
  (void)len;
  return 0;
}

int span_log_set_level(logging_state_t* s, int level) {
  s->level = level;
  return 0;
}

int span_log_set_tag(logging_state_t* s, const char* tag) {
  s->tag = tag;
  return 0;
}

int span_log_set_protocol(logging_state_t* s, const char* protocol) {
  s->protocol = protocol;
  return 0;
}

int span_log_set_sample_rate(logging_state_t* s, int samples_per_second) {
  s->samples_per_second = samples_per_second;
  return 0;
}

int span_log_bump_samples(logging_state_t* s, int samples) {
  s->elapsed_samples += samples;
  return 0;
}

void span_log_set_message_handler(logging_state_t* s, message_handler_func_t func) { s->span_message = func; }

void span_log_set_error_handler(logging_state_t* s, error_handler_func_t func) { s->span_error = func; }

void span_set_message_handler(message_handler_func_t func) { (void)func; }

void span_set_error_handler(error_handler_func_t func) { (void)func; }

/* As for every spandsp state: no place given asks for a new one, which span_log_free returns. */
logging_state_t* span_log_init(logging_state_t* s, int level, const char* tag) {
  if (s == NULL) s = malloc(sizeof(*s));
  if (s == NULL) return NULL;
  const logging_state_t fresh = {.level = level, .samples_per_second = SAMPLE_RATE, .tag = tag};
  *s = fresh;
  return s;
}

int span_log_release(logging_state_t* s) {
  (void)s;
  return 0;
}

int span_log_free(logging_state_t* s) {
  free(s);
  return 0;
}

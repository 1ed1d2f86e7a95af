// An exported async function that waits, and calls an imported one. Between two waits, a call is kept in the context of its task.

#include "round_trip.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define MILLISECOND 1000000u

struct call {
  round_trip_string_t text;
  round_trip_string_t answer;
  // Whether the next one in the line has been called, or else the clock.
  bool is_passed_on;
  // What is waited for, and the set that it is in.
  round_trip_subtask_t subtask;
  round_trip_waitable_set_t set;
};

static void *allocate(size_t size) {
  void *memory = malloc(size);
  if (memory == NULL) {
    abort();
  }
  return memory;
}

// `text` with `mark` behind it; takes `text`.
static round_trip_string_t marked(round_trip_string_t text, const char *mark) {
  size_t length = strlen(mark);
  round_trip_string_t result = {allocate(text.len + length), text.len + length};
  if (text.len != 0) {
    memcpy(result.ptr, text.ptr, text.len);
  }
  memcpy(result.ptr + text.len, mark, length);
  round_trip_string_free(&text);
  return result;
}

static void end(struct call *call) {
  round_trip_waitable_set_drop(call->set);
  round_trip_string_free(&call->text);
  free(call);
}

// Goes on when the last subtask has returned, until the next one has not.
static round_trip_callback_code_t go_on(struct call *call) {
  if (!call->is_passed_on) {
    call->is_passed_on = true;
    call->text = marked(call->text, " > guest");
    round_trip_subtask_status_t status = cases_round_trip_line_pass(call->text, &call->answer);
    if (ROUND_TRIP_SUBTASK_STATE(status) != ROUND_TRIP_SUBTASK_RETURNED) {
      call->subtask = ROUND_TRIP_SUBTASK_HANDLE(status);
      round_trip_waitable_join(call->subtask, call->set);
      return ROUND_TRIP_CALLBACK_CODE_WAIT(call->set);
    }
  }
  round_trip_string_t result = marked(call->answer, " < guest");
  exports_cases_round_trip_line_pass_return(result);
  round_trip_string_free(&result);
  end(call);
  return ROUND_TRIP_CALLBACK_CODE_EXIT;
}

round_trip_callback_code_t exports_cases_round_trip_line_pass(round_trip_string_t *text) {
  struct call *call = allocate(sizeof *call);
  *call = (struct call){.text = *text, .set = round_trip_waitable_set_new()};
  round_trip_subtask_status_t status = wasi_clocks_monotonic_clock_wait_for(10 * MILLISECOND);
  if (ROUND_TRIP_SUBTASK_STATE(status) == ROUND_TRIP_SUBTASK_RETURNED) {
    round_trip_context_set_0(call);
    return go_on(call);
  }
  call->subtask = ROUND_TRIP_SUBTASK_HANDLE(status);
  round_trip_waitable_join(call->subtask, call->set);
  round_trip_context_set_0(call);
  return ROUND_TRIP_CALLBACK_CODE_WAIT(call->set);
}

round_trip_callback_code_t exports_cases_round_trip_line_pass_callback(round_trip_event_t *event) {
  struct call *call = round_trip_context_get_0();
  if (event->event == ROUND_TRIP_EVENT_CANCEL) {
    // It may have returned all the same; then its answer is not wanted any more.
    round_trip_subtask_status_t status = round_trip_subtask_cancel(call->subtask);
    if (call->is_passed_on && status == ROUND_TRIP_SUBTASK_RETURNED) {
      round_trip_string_free(&call->answer);
    }
    round_trip_subtask_drop(call->subtask);
    end(call);
    round_trip_task_cancel();
    return ROUND_TRIP_CALLBACK_CODE_EXIT;
  }
  if (event->code != ROUND_TRIP_SUBTASK_RETURNED) {
    // It has only begun.
    return ROUND_TRIP_CALLBACK_CODE_WAIT(call->set);
  }
  round_trip_subtask_drop(call->subtask);
  return go_on(call);
}

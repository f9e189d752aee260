import signal
import threading

from deepi2i_tf.training.signals import GracefulStop


def test_the_first_signal_is_remembered_and_the_second_left_to_the_system():
    before = signal.getsignal(signal.SIGTERM)
    with GracefulStop() as stop:
        assert stop.signal_name == ""
        signal.raise_signal(signal.SIGTERM)
        assert stop.signal_name == "SIGTERM"
        assert signal.getsignal(signal.SIGINT) is signal.SIG_DFL
        assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL
    assert signal.getsignal(signal.SIGTERM) is before


def test_another_thread_changes_no_handlers():
    seen = []

    def run():
        with GracefulStop() as stop:
            seen.append(stop.signal_name)

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    assert seen == [""]


def test_a_request_stops_as_a_signal_does_and_gives_way_to_one():
    stop = GracefulStop()
    stop.request("a collapse")
    assert stop.signal_name == "a collapse"
    with GracefulStop() as stop:
        signal.raise_signal(signal.SIGTERM)
        stop.request("a collapse")
    assert stop.signal_name == "SIGTERM"
